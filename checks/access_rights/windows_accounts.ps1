# The accounts of this Windows, and who is in the groups that give power. Groups go by their SID,
# since their names are in the language of the Windows. ADSI and not Get-LocalGroupMember, which ends
# in an error at a member that no longer exists. A domain controller has no accounts of its own.
$utc = 'yyyy-MM-ddTHH:mm:ssZ'
$invariant = [Globalization.CultureInfo]::InvariantCulture

function Get-Part {
    # A property of an ADSI object that came out of a COM collection.
    param($Object, [string]$Name)
    $Object.GetType().InvokeMember($Name, 'GetProperty', $null, $Object, $null)
}

function Get-PowerGroup {
    # Nothing where this edition of Windows does not have the group.
    param([string]$Sid)
    $known = New-Object Security.Principal.SecurityIdentifier -ArgumentList $Sid
    try { $full = $known.Translate([Security.Principal.NTAccount]).Value }
    catch [Security.Principal.IdentityNotMappedException] { return }
    $name = $full.Split('\')[-1]
    $group = [ADSI]"WinNT://$env:COMPUTERNAME/$name,group"
    $members = @(foreach ($member in @($group.psbase.Invoke('Members'))) {
        $bytes = [byte[]](Get-Part -Object $member -Name 'objectSID')
        $identifier = New-Object Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0
        [ordered]@{
            sid = $identifier.Value
            path = [string](Get-Part -Object $member -Name 'ADsPath')
            class = [string](Get-Part -Object $member -Name 'Class')
        }
    })
    [ordered]@{ sid = $Sid; name = $name; size = $members.Count; members = $members }
}

function Get-LocalAccount {
    param($Row)
    $user = [ADSI]"WinNT://$env:COMPUTERNAME/$($Row.Name),user"
    $last = $user.psbase.Properties['LastLogin'].Value
    $age = $user.psbase.Properties['PasswordAge'].Value
    if ($null -ne $last) { $last = ([datetime]$last).ToUniversalTime().ToString($utc, $invariant) }
    if ($null -ne $age) { $age = [long]$age }
    [ordered]@{
        name = [string]$Row.Name
        sid = [string]$Row.SID
        disabled = [bool]$Row.Disabled
        locked = [bool]$Row.Lockout
        password_required = [bool]$Row.PasswordRequired
        password_expires = [bool]$Row.PasswordExpires
        last_log_in = $last
        password_age_s = $age
    }
}

$system = Get-CimInstance -ClassName Win32_ComputerSystem
# 4 and 5: a controller, whose accounts are those of the whole domain.
$controller = [int]$system.DomainRole -ge 4
$groups = @()
$accounts = @()
if (-not $controller) {
    # Administrators, Power Users, Backup Operators, Remote Desktop Users, Network Configuration
    # Operators, Distributed COM Users, Event Log Readers, Hyper-V Administrators, Remote Management Users
    $powers = 544, 547, 551, 555, 556, 562, 573, 578, 580
    $groups = @(foreach ($power in $powers) { Get-PowerGroup -Sid "S-1-5-32-$power" })
    $rows = @(Get-CimInstance -ClassName Win32_UserAccount -Filter 'LocalAccount = True')
    $accounts = @(foreach ($row in $rows) { Get-LocalAccount -Row $row })
}
$answer = [ordered]@{
    computer = [string]$env:COMPUTERNAME
    now = [datetime]::UtcNow.ToString($utc, $invariant)
    controller = $controller
    groups_size = $groups.Count
    groups = $groups
    accounts_size = $accounts.Count
    accounts = $accounts
    end = $true
}
ConvertTo-Json -InputObject $answer -Compress -Depth 5
