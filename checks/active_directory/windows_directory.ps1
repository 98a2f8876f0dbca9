# Needs: S-1-5-32-544
# What this domain controller says of its domain: accounts, privileged groups with all who are in
# them, and a few settings of the whole. Asked of the controller itself by LDAP; numbers and SIDs only.
$most = 15000
$invariant = [Globalization.CultureInfo]::InvariantCulture
$options = 'HKLM:\SYSTEM\CurrentControlSet\Control\ProductOptions'
if ((Get-ItemProperty -LiteralPath $options).ProductType -ne 'LanmanNT') {
    ConvertTo-Json -InputObject ([ordered]@{ controller = $false; end = $true }) -Compress
    return
}
$network = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
$server = $network.HostName
if ($network.DomainName) { $server = "$server.$($network.DomainName)" }

function Find-Object {
    param([string]$Base, [string]$Filter, [string[]]$Names, [string]$Scope = 'Subtree')
    $root = New-Object DirectoryServices.DirectoryEntry -ArgumentList "LDAP://$server/$Base"
    $searcher = New-Object DirectoryServices.DirectorySearcher -ArgumentList $root, $Filter, $Names
    $searcher.SearchScope = [DirectoryServices.SearchScope]$Scope
    $searcher.PageSize = 500
    $results = $searcher.FindAll()
    foreach ($result in $results) { $result }
    $results.Dispose()
}

function Get-First {
    param($Found, [string]$Name)
    $values = $Found.Properties[$Name]
    if ($null -eq $values -or $values.Count -eq 0) { return $null }
    return , $values[0]
}

function Get-Sid {
    param($Found)
    $bytes = Get-First -Found $Found -Name 'objectsid'
    if ($null -eq $bytes) { return $null }
    (New-Object Security.Principal.SecurityIdentifier -ArgumentList ([byte[]]$bytes), 0).Value
}

function Get-SidFilter {
    # As bytes, which every controller takes.
    param([string]$Sid)
    $object = New-Object Security.Principal.SecurityIdentifier -ArgumentList $Sid
    [byte[]]$bytes = @(0) * $object.BinaryLength
    $object.GetBinaryForm($bytes, 0)
    '(objectSid=' + (@(foreach ($byte in $bytes) { '\{0:x2}' -f $byte }) -join '') + ')'
}

function Get-Number {
    param($Found, [string]$Name)
    $value = Get-First -Found $Found -Name $Name
    if ($null -eq $value) { return $null }
    [long]$value
}

function Get-Moment {
    # A FILETIME; 0 and the largest number mean never.
    param($Found, [string]$Name)
    $value = Get-Number -Found $Found -Name $Name
    if ($null -eq $value -or $value -le 0 -or $value -eq [long]::MaxValue) { return $null }
    [DateTime]::FromFileTimeUtc($value).ToString('yyyy-MM-ddTHH:mm:ssZ', $invariant)
}

function Get-Account {
    param($Found)
    $created = Get-First -Found $Found -Name 'whencreated'
    if ($null -ne $created) { $created = ([DateTime]$created).ToString('yyyy-MM-ddTHH:mm:ssZ', $invariant) }
    [ordered]@{
        sid = Get-Sid -Found $Found
        name = [string](Get-First -Found $Found -Name 'samaccountname')
        uac = Get-Number -Found $Found -Name 'useraccountcontrol'
        set = Get-Moment -Found $Found -Name 'pwdlastset'
        last = Get-Moment -Found $Found -Name 'lastlogontimestamp'
        created = $created
        spn = ($null -ne (Get-First -Found $Found -Name 'serviceprincipalname'))
        protected = ((Get-Number -Found $Found -Name 'admincount') -eq 1)
    }
}

function Get-Entry {
    param($Found)
    $classes = @($Found.Properties['objectclass'])
    $name = Get-First -Found $Found -Name 'samaccountname'
    if ($null -eq $name) { $name = Get-First -Found $Found -Name 'name' }
    [ordered]@{
        sid = Get-Sid -Found $Found
        name = [string]$name
        class = [string]$classes[$classes.Count - 1]
        uac = Get-Number -Found $Found -Name 'useraccountcontrol'
    }
}

function Get-Group {
    # All members, also those of groups in it, and those that have one of these as primary group.
    # Whom Domain Users (513), Guests (514) and Computers (515) hold is known without asking.
    param($Found)
    $path = [string](Get-First -Found $Found -Name 'distinguishedname')
    $path = $path.Replace('\', '\5c').Replace('*', '\2a').Replace('(', '\28').Replace(')', '\29')
    $names = @('objectsid', 'samaccountname', 'name', 'objectclass', 'useraccountcontrol')
    # What has no SID, such as a contact, gets no rights.
    $filter = "(&(objectSid=*)(memberOf:1.2.840.113556.1.4.1941:=$path))"
    $own = Get-Sid -Found $Found
    $members = @(foreach ($each in @(Find-Object -Base $domain -Filter $filter -Names $names)) {
        Get-Entry -Found $each
    })
    $groups = @($own) + @(foreach ($each in $members) { if ($each.class -eq 'group') { $each.sid } })
    $primary = @(foreach ($sid in $groups) {
        if (-not $sid.StartsWith("$domainSid-")) { continue }
        $rid = $sid.Substring($domainSid.Length + 1)
        if (@('513', '514', '515') -contains $rid) { continue }
        foreach ($each in @(Find-Object -Base $domain -Filter "(primaryGroupID=$rid)" -Names $names)) {
            Get-Entry -Found $each
        }
    })
    [ordered]@{
        sid = $own
        name = [string](Get-First -Found $Found -Name 'samaccountname')
        members = @($members + $primary)
    }
}

$root = New-Object DirectoryServices.DirectoryEntry -ArgumentList "LDAP://$server/RootDSE"
$domain = [string]$root.Properties['defaultNamingContext'].Value
$configuration = [string]$root.Properties['configurationNamingContext'].Value
$names = @('objectsid', 'msds-behavior-version', 'ms-ds-machineaccountquota', 'msds-logontimesyncinterval')
$head = @(Find-Object -Base $domain -Filter '(objectClass=*)' -Names $names -Scope 'Base')[0]
$domainSid = Get-Sid -Found $head

$names = @('objectsid', 'samaccountname', 'useraccountcontrol', 'pwdlastset', 'lastlogontimestamp',
    'whencreated', 'serviceprincipalname', 'admincount')
# Accounts of people (805306368) and of machines (805306369).
$users = @(foreach ($each in @(Find-Object -Base $domain -Filter '(sAMAccountType=805306368)' -Names $names |
    Select-Object -First $most)) { Get-Account -Found $each })
$computers = @(foreach ($each in @(Find-Object -Base $domain -Filter '(sAMAccountType=805306369)' -Names $names |
    Select-Object -First $most)) { Get-Account -Found $each })

$wanted = @('S-1-5-32-544', 'S-1-5-32-548', 'S-1-5-32-549', 'S-1-5-32-550', 'S-1-5-32-551', 'S-1-5-32-552')
$wanted += @(foreach ($rid in @(512, 518, 519, 520, 525, 526, 527)) { "$domainSid-$rid" })
$names = @('objectsid', 'samaccountname', 'distinguishedname')
$groups = @(foreach ($sid in $wanted) {
    foreach ($each in @(Find-Object -Base $domain -Filter (Get-SidFilter -Sid $sid) -Names $names)) {
        Get-Group -Found $each
    }
})
# This group has no number of its own; the DNS server makes it under this name in every language.
$filter = '(&(objectCategory=group)(sAMAccountName=DnsAdmins))'
$dns = @(foreach ($each in @(Find-Object -Base $domain -Filter $filter -Names $names)) {
    Get-Group -Found $each
})

$filter = '(objectClass=crossRefContainer)'
$names = @('msds-behavior-version')
$partitions = @(Find-Object -Base "CN=Partitions,$configuration" -Filter $filter -Names $names -Scope 'Base')[0]
# A part of the directory (1) that is a domain (2).
$filter = '(&(objectClass=crossRef)(systemFlags:1.2.840.113556.1.4.803:=3))'
$domains = @(Find-Object -Base "CN=Partitions,$configuration" -Filter $filter -Names @('cn'))
# The feature 766ddcd8-acd0-445e-f3b9-a7f9b6744f2a, the recycle bin.
$filter = '(msDS-OptionalFeatureGUID=\d8\dc\6d\76\d0\ac\5e\44\f3\b9\a7\f9\b6\74\4f\2a)'
$names = @('msds-enabledfeaturebl')
$bin = @(foreach ($each in @(Find-Object -Base "CN=Services,$configuration" -Filter $filter -Names $names)) {
    if ($null -ne (Get-First -Found $each -Name 'msds-enabledfeaturebl')) { 'on' }
})

$answer = [ordered]@{
    controller = $true
    now = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', $invariant)
    domain = [ordered]@{
        sid = $domainSid
        level = Get-Number -Found $head -Name 'msds-behavior-version'
        quota = Get-Number -Found $head -Name 'ms-ds-machineaccountquota'
        interval = Get-Number -Found $head -Name 'msds-logontimesyncinterval'
    }
    forest = [ordered]@{
        level = Get-Number -Found $partitions -Name 'msds-behavior-version'
        domains = $domains.Count
        recycle_bin = ($bin.Count -gt 0)
    }
    users = $users
    computers = $computers
    groups = $groups
    dns_admins = $dns
    cut = ($users.Count -ge $most -or $computers.Count -ge $most)
    end = $true
}
ConvertTo-Json -InputObject $answer -Compress -Depth 6
