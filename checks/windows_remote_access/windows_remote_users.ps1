# Who may log on by remote desktop, beside the administrators: the members of the local group
# Remote Desktop Users (S-1-5-32-555), whatever its name is in the language of this Windows.
$sid = New-Object Security.Principal.SecurityIdentifier -ArgumentList 'S-1-5-32-555'
$account = $sid.Translate([Security.Principal.NTAccount]).Value
$name = $account.Substring($account.IndexOf('\') + 1)
$group = [ADSI]"WinNT://$env:COMPUTERNAME/$name,group"
$get = [Reflection.BindingFlags]::GetProperty
$members = @(foreach ($member in @($group.PSBase.Invoke('Members'))) {
    $type = $member.GetType()
    $bytes = [byte[]]$type.InvokeMember('objectSid', $get, $null, $member, $null)
    $found = New-Object Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0
    [ordered]@{
        sid = [string]$found.Value
        name = [string]$type.InvokeMember('Name', $get, $null, $member, $null)
        class = [string]$type.InvokeMember('Class', $get, $null, $member, $null)
    }
})
ConvertTo-Json -InputObject ([ordered]@{ members = $members; end = $true }) -Compress -Depth 4
