# The password policy of the domain and its exceptions; on a domain controller also the accounts
# that are not disabled. From a member over the network the domain often cannot be asked at all.
function New-Search {
    param([string]$Path, [string]$Filter, [string]$Scope, [string[]]$Names)
    $root = New-Object DirectoryServices.DirectoryEntry -ArgumentList $Path
    $search = New-Object DirectoryServices.DirectorySearcher -ArgumentList $root, $Filter
    $search.SearchScope = [DirectoryServices.SearchScope]$Scope
    foreach ($name in $Names) { [void]$search.PropertiesToLoad.Add($name) }
    $search
}

function Get-One {
    # What is not there, or may not be seen, is null. Results have their names in small letters.
    param($Found, [string]$Name)
    $values = $Found.Properties[$Name.ToLowerInvariant()]
    if ($null -eq $values -or $values.Count -eq 0) { return $null }
    $values[0]
}

function Get-Fault {
    param($Record)
    $fault = $Record.Exception.GetBaseException()
    if ($fault -is [UnauthorizedAccessException] -or $fault.HResult -eq -2147024891) { throw $Record }
    '0x{0:X8}' -f $fault.HResult
}

$most = 5000
$answer = [ordered]@{
    role = [int](Get-CimInstance -ClassName Win32_ComputerSystem -Property DomainRole).DomainRole
    fault = $null
    level = $null
    policy = $null
    container = $null
    may_create = $false
    exceptions = @()
    accounts = @()
    cut = $false
    end = $true
}
# 1, 3: members of a domain; 4, 5: domain controllers.
if (1, 3, 4, 5 -contains $answer.role) {
    try {
        $root = (New-Object DirectoryServices.DirectoryEntry -ArgumentList 'LDAP://RootDSE').psbase.Properties
        $domain = [string]$root['defaultNamingContext'][0]
        $answer.level = [int]$root['domainFunctionality'][0]
        $names = 'minPwdLength', 'maxPwdAge', 'minPwdAge', 'pwdHistoryLength', 'pwdProperties',
            'lockoutThreshold', 'lockoutDuration', 'lockOutObservationWindow'
        $found = (New-Search -Path "LDAP://$domain" -Filter '(objectClass=*)' -Scope 'Base' -Names $names).FindOne()
        $policy = [ordered]@{}
        foreach ($name in $names) { $policy[$name] = Get-One -Found $found -Name $name }
        $answer.policy = $policy
    } catch { $answer.fault = Get-Fault -Record $_ }
}
if ($null -ne $answer.policy) {
    $path = "LDAP://CN=Password Settings Container,CN=System,$domain"
    try {
        $names = 'cn', 'allowedChildClassesEffective'
        $found = (New-Search -Path $path -Filter '(objectClass=*)' -Scope 'Base' -Names $names).FindOne()
        $answer.container = $null -ne $found
        # Who may not read an exception is not told that it is there; who may make one reads them all.
        if ($null -ne $found) {
            $answer.may_create = @($found.Properties['allowedchildclasseseffective']) -contains 'msDS-PasswordSettings'
        }
    } catch {
        # ERROR_DS_NO_SUCH_OBJECT
        if ($_.Exception.GetBaseException().HResult -ne -2147016656) { throw }
        $answer.container = $false
    }
}
if ($answer.container) {
    $names = 'cn', 'distinguishedName', 'msDS-PasswordSettingsPrecedence', 'msDS-MinimumPasswordLength',
        'msDS-MaximumPasswordAge', 'msDS-PasswordComplexityEnabled', 'msDS-LockoutThreshold',
        'msDS-PasswordReversibleEncryptionEnabled', 'msDS-PSOAppliesTo'
    $search = New-Search -Path $path -Filter '(objectClass=msDS-PasswordSettings)' -Scope 'OneLevel' -Names $names
    $answer.exceptions = @(foreach ($found in $search.FindAll()) {
        [ordered]@{
            name = [string](Get-One -Found $found -Name 'cn')
            dn = [string](Get-One -Found $found -Name 'distinguishedName')
            precedence = Get-One -Found $found -Name 'msDS-PasswordSettingsPrecedence'
            length = Get-One -Found $found -Name 'msDS-MinimumPasswordLength'
            longest = Get-One -Found $found -Name 'msDS-MaximumPasswordAge'
            complex = Get-One -Found $found -Name 'msDS-PasswordComplexityEnabled'
            reversible = Get-One -Found $found -Name 'msDS-PasswordReversibleEncryptionEnabled'
            attempts = Get-One -Found $found -Name 'msDS-LockoutThreshold'
            applies_to = [int]@($found.Properties['msds-psoappliesto'] | Where-Object { $_ }).Count
        }
    })
}
if ($null -ne $answer.policy -and $answer.role -ge 4) {
    # SAM_NORMAL_USER_ACCOUNT, and not ACCOUNTDISABLE.
    $filter = '(&(sAMAccountType=805306368)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))'
    $names = 'sAMAccountName', 'objectSid', 'userAccountControl', 'pwdLastSet', 'lastLogonTimestamp',
        'adminCount', 'msDS-ResultantPSO', 'msDS-User-Account-Control-Computed'
    $search = New-Search -Path "LDAP://$domain" -Filter $filter -Scope 'Subtree' -Names $names
    $search.PageSize = 500
    $count = 0
    $answer.accounts = @(foreach ($found in $search.FindAll()) {
        $count++
        if ($count -gt $most) { $answer.cut = $true; break }
        $sid = New-Object Security.Principal.SecurityIdentifier -ArgumentList ([byte[]]$found.Properties['objectsid'][0]), 0
        [ordered]@{
            name = [string](Get-One -Found $found -Name 'sAMAccountName')
            sid = [string]$sid.Value
            flags = Get-One -Found $found -Name 'userAccountControl'
            now = Get-One -Found $found -Name 'msDS-User-Account-Control-Computed'
            set = Get-One -Found $found -Name 'pwdLastSet'
            seen = Get-One -Found $found -Name 'lastLogonTimestamp'
            admin = 1 -eq (Get-One -Found $found -Name 'adminCount')
            exception = Get-One -Found $found -Name 'msDS-ResultantPSO'
        }
    })
}
ConvertTo-Json -InputObject $answer -Compress -Depth 4
