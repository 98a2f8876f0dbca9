# Whether Windows keeps a password in the open for logging in by itself: the names of the values and
# never what they hold. And the local accounts, of which a domain controller has none of its own.
$hive = [Microsoft.Win32.RegistryHive]::LocalMachine
$view = [Microsoft.Win32.RegistryView]::Default
if ([Environment]::Is64BitOperatingSystem) { $view = [Microsoft.Win32.RegistryView]::Registry64 }
$root = [Microsoft.Win32.RegistryKey]::OpenBaseKey($hive, $view)
$key = $root.OpenSubKey('SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon')
$names = @($key.GetValueNames())

$system = Get-CimInstance -ClassName Win32_ComputerSystem
# 4 and 5: a controller, whose accounts are those of the whole domain.
$controller = [int]$system.DomainRole -ge 4
$rows = @()
if (-not $controller) {
    $rows = @(Get-CimInstance -ClassName Win32_UserAccount -Filter 'LocalAccount = True')
}
$accounts = @(foreach ($row in $rows) {
    [ordered]@{
        name = [string]$row.Name
        sid = [string]$row.SID
        disabled = [bool]$row.Disabled
        password_required = [bool]$row.PasswordRequired
    }
})
$answer = [ordered]@{
    default_password = $names -contains 'DefaultPassword'
    controller = $controller
    accounts = $accounts
    end = $true
}
ConvertTo-Json -InputObject $answer -Compress -Depth 3
