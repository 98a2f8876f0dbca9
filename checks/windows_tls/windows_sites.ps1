# The sites of IIS: their bindings, and what sends visitors on to HTTPS. Of the settings nothing else
# is given, since they may hold passwords; of an address its first eight characters.
function Get-Settings {
    # A file of settings, or null where there is none.
    param([string]$Path)
    try { $text = [IO.File]::ReadAllText($Path) }
    catch {
        # ERROR_FILE_NOT_FOUND and ERROR_PATH_NOT_FOUND.
        $number = $_.Exception.GetBaseException().HResult
        if (-2147024894, -2147024893 -notcontains $number) { throw }
        return $null
    }
    $settings = New-Object -TypeName Xml.XmlDocument
    $settings.XmlResolver = $null
    $settings.LoadXml($text)
    # The comma keeps PowerShell from taking the document apart.
    , $settings
}

function Get-Start {
    param([string]$Address)
    $Address.Substring(0, [Math]::Min(8, $Address.Length))
}

function Get-Redirects {
    # What stands below a node of system.webServer.
    param($Node)
    foreach ($one in $Node.SelectNodes('httpRedirect')) {
        [ordered]@{
            kind = 'redirect'; enabled = $one.GetAttribute('enabled'); match = ''
            action = ''; to = Get-Start -Address $one.GetAttribute('destination'); conditions = @()
        }
    }
    foreach ($one in $Node.SelectNodes('rewrite/rules/rule | rewrite/globalRules/rule')) {
        $match = $one.SelectSingleNode('match')
        $action = $one.SelectSingleNode('action')
        if ($null -eq $match -or $null -eq $action) { continue }
        [ordered]@{
            kind = 'rule'
            enabled = $one.GetAttribute('enabled')
            match = $match.GetAttribute('url')
            action = $action.GetAttribute('type')
            to = Get-Start -Address $action.GetAttribute('url')
            conditions = @(foreach ($each in $one.SelectNodes('conditions/add')) { $each.GetAttribute('input') })
        }
    }
    foreach ($one in $Node.SelectNodes('security/access')) {
        [ordered]@{
            kind = 'access'; enabled = 'true'; match = ''
            action = $one.GetAttribute('sslFlags'); to = ''; conditions = @()
        }
    }
}

function Get-SiteRow {
    param($Settings, $Site)
    $name = $Site.GetAttribute('name')
    $hsts = $Site.SelectSingleNode('hsts')
    $redirects = @()
    foreach ($part in $Settings.SelectNodes('/configuration/system.webServer')) {
        $redirects += @(Get-Redirects -Node $part)
    }
    foreach ($place in $Settings.SelectNodes('/configuration/location')) {
        if ($place.GetAttribute('path') -ne $name) { continue }
        foreach ($part in $place.SelectNodes('system.webServer')) { $redirects += @(Get-Redirects -Node $part) }
    }
    $seen = $true
    $root = $Site.SelectSingleNode("application[@path='/']/virtualDirectory[@path='/']")
    if ($null -ne $root) {
        $folder = [Environment]::ExpandEnvironmentVariables($root.GetAttribute('physicalPath'))
        $own = $null
        # A folder elsewhere, or a file that is no XML: said, and no reason to lose the bindings.
        try { $own = Get-Settings -Path ([IO.Path]::Combine($folder, 'web.config')) } catch { $seen = $false }
        if ($null -ne $own) {
            $whole = '/configuration/location[not(@path) or @path="" or @path="."]/system.webServer'
            $parts = "/configuration/system.webServer | $whole"
            foreach ($part in $own.SelectNodes($parts)) { $redirects += @(Get-Redirects -Node $part) }
        }
    }
    [ordered]@{
        name = $name
        auto_start = $Site.GetAttribute('serverAutoStart')
        hsts = if ($null -ne $hsts) { $hsts.GetAttribute('enabled') } else { '' }
        hsts_redirect = if ($null -ne $hsts) { $hsts.GetAttribute('redirectHttpToHttps') } else { '' }
        # As appcmd writes them: http/*:80:,https/*:443:www.example.nl
        bindings = @(foreach ($one in $Site.SelectNodes('bindings/binding')) {
            '{0}/{1}' -f $one.GetAttribute('protocol'), $one.GetAttribute('bindingInformation')
        }) -join ','
        redirects = $redirects
        seen = $seen
    }
}

$settings = Get-Settings -Path "$env:SystemRoot\System32\inetsrv\config\applicationHost.config"
$rows = @()
if ($null -ne $settings) {
    $rows = @(foreach ($site in $settings.SelectNodes('/configuration/system.applicationHost/sites/site')) {
        Get-SiteRow -Settings $settings -Site $site
    })
}
$answer = [ordered]@{ there = ($null -ne $settings); count = $rows.Count; sites = $rows; end = $true }
ConvertTo-Json -InputObject $answer -Compress -Depth 6
