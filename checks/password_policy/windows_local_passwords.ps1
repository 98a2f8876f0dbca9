# The local accounts: flags, age of the password, where each comes from, and the local policy.
# The policy stands on each user of the WinNT provider; the computer object does not give it.
function Get-Number {
    # A property that this account does not have, or that may not be seen, is null.
    param($Properties, [string]$Name)
    $values = $Properties[$Name]
    if ($null -eq $values -or $values.Count -eq 0) { return $null }
    [long]$values[0]
}

$role = [int](Get-CimInstance -ClassName Win32_ComputerSystem -Property DomainRole).DomainRole
$users = @()
# A domain controller has no accounts of its own; WinNT would give those of the whole domain.
if ($role -lt 4) {
    $sources = @{}
    if (Get-Command -Name Get-LocalUser -ErrorAction SilentlyContinue) {
        foreach ($user in @(Get-LocalUser)) {
            if ($null -ne $user.PrincipalSource) { $sources[[string]$user.SID] = [int]$user.PrincipalSource }
        }
    }
    $path = "WinNT://$([Environment]::MachineName),computer"
    $computer = New-Object DirectoryServices.DirectoryEntry -ArgumentList $path
    $entries = @($computer.psbase.Children | Where-Object { $_.psbase.SchemaClassName -eq 'User' })
    $users = @(foreach ($entry in $entries) {
        $found = $entry.psbase.Properties
        $sid = New-Object Security.Principal.SecurityIdentifier -ArgumentList ([byte[]]$found['objectSid'][0]), 0
        [ordered]@{
            name = [string]$entry.psbase.Name
            sid = [string]$sid.Value
            source = $sources[[string]$sid.Value]
            flags = Get-Number -Properties $found -Name 'UserFlags'
            age = Get-Number -Properties $found -Name 'PasswordAge'
            length = Get-Number -Properties $found -Name 'MinPasswordLength'
            longest = Get-Number -Properties $found -Name 'MaxPasswordAge'
            shortest = Get-Number -Properties $found -Name 'MinPasswordAge'
            history = Get-Number -Properties $found -Name 'PasswordHistoryLength'
            attempts = Get-Number -Properties $found -Name 'MaxBadPasswordsAllowed'
            window = Get-Number -Properties $found -Name 'LockoutObservationInterval'
            unlock = Get-Number -Properties $found -Name 'AutoUnlockInterval'
        }
    })
}
$answer = [ordered]@{ role = $role; users = $users; end = $true }
ConvertTo-Json -InputObject $answer -Compress -Depth 4
