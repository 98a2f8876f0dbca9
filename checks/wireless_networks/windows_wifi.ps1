# The wireless networks that this machine remembers: names and kinds of security, never keys.
# Needs: S-1-5-32-544

function Get-Nodes {
    # The elements at a path of names, in whatever namespace: each version of the schema has its own.
    param($From, [string]$Path)
    $query = '.'
    foreach ($name in $Path.Split('/')) { $query += "/*[local-name()='$name']" }
    @($From.SelectNodes($query))
}

function Get-Text {
    # The text of the one element at a path; null where there is none.
    param($From, [string]$Path)
    $nodes = @(Get-Nodes -From $From -Path $Path)
    if ($nodes.Count -eq 0) { return $null }
    [string]$nodes[0].InnerText
}

function Get-Network {
    param([string]$File)
    $document = New-Object Xml.XmlDocument
    $document.XmlResolver = $null
    $document.Load($File)
    $ssids = @(foreach ($one in @(Get-Nodes -From $document -Path 'WLANProfile/SSIDConfig/SSID')) {
        [ordered]@{ name = Get-Text -From $one -Path 'name'; hex = Get-Text -From $one -Path 'hex' }
    })
    $security = 'WLANProfile/MSM/security'
    $method = "$security/OneX/EAPConfig/EapHostConfig"
    $settings = "$method/Config"
    $validation = @()
    foreach ($one in @(Get-Nodes -From $document -Path $settings)) {
        $found = $one.SelectNodes(".//*[local-name()='PerformServerValidation']")
        $validation = @(foreach ($each in $found) { [string]$each.InnerText })
    }
    [ordered]@{
        interface = [IO.Path]::GetFileName([IO.Path]::GetDirectoryName($File))
        name = Get-Text -From $document -Path 'WLANProfile/name'
        ssids = $ssids
        hidden = Get-Text -From $document -Path 'WLANProfile/SSIDConfig/nonBroadcast'
        type = Get-Text -From $document -Path 'WLANProfile/connectionType'
        mode = Get-Text -From $document -Path 'WLANProfile/connectionMode'
        authentication = Get-Text -From $document -Path "$security/authEncryption/authentication"
        encryption = Get-Text -From $document -Path "$security/authEncryption/encryption"
        onex = Get-Text -From $document -Path "$security/authEncryption/useOneX"
        transition = Get-Text -From $document -Path "$security/authEncryption/transitionMode"
        eap = Get-Text -From $document -Path "$method/EapMethod/Type"
        validation = $validation
    }
}

$folder = [IO.Path]::Combine($env:ProgramData, 'Microsoft\Wlansvc\Profiles\Interfaces')
$there = $true
$interfaces = @()
# Unlike Test-Path, this tells "not there" from "no access".
try { $interfaces = @([IO.Directory]::GetDirectories($folder)) }
catch {
    if ($_.Exception.GetBaseException() -isnot [IO.DirectoryNotFoundException]) { throw }
    $there = $false
}
$networks = @(foreach ($interface in $interfaces) {
    foreach ($file in @([IO.Directory]::GetFiles($interface, '*.xml'))) { Get-Network -File $file }
})
$answer = [ordered]@{ there = $there; networks = $networks; end = $true }
ConvertTo-Json -InputObject $answer -Compress -Depth 6
