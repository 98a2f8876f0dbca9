# What assess needs on a Windows machine: an account without administrators' rights, and WinRM over
# HTTPS. Run it as administrator, in Windows PowerShell 5.1. It may be run again: what is there stays.
#
#   powershell -File access.ps1 -From 192.0.2.10            a local account, asked for its password
#   powershell -File access.ps1 -From 192.0.2.10 -Account 'EXAMPLE\assess'        one of the domain
#   powershell -File access.ps1 -From 192.0.2.10 -Thumbprint 1F2E...    a certificate that is there
param(
    # Where assess runs: the only address that the firewall lets in.
    [Parameter(Mandatory = $true)] [string[]]$From,
    [string]$Account = 'assess',
    [string]$Thumbprint = ''
)
$ErrorActionPreference = 'Stop'

# 1. The account. Groups go by SID, since their names are in the language of the Windows.
if (-not $Account.Contains('\') -and -not (Get-LocalUser | Where-Object Name -eq $Account)) {
    $password = Read-Host -AsSecureString "Password for the new account $Account"
    New-LocalUser -Name $Account -Password $password -UserMayNotChangePassword | Out-Null
}
$groups = @(
    'S-1-5-32-580' # Remote Management Users
    'S-1-5-32-573' # Event Log Readers
    'S-1-5-32-558' # Performance Monitor Users
)
foreach ($group in $groups) {
    try { Add-LocalGroupMember -SID $group -Member $Account }
    catch { if ($_.FullyQualifiedErrorId -notlike 'MemberExists,*') { throw } }
}

# 2. The service, and who may start a shell in it: Read and Execute for Remote Management Users.
#    By default only administrators may, though that group may use PowerShell remoting.
Set-Service -Name WinRM -StartupType Automatic
Start-Service -Name WinRM
$path = 'WSMan:\localhost\Service\RootSDDL'
$arguments = $false, $false, (Get-Item -Path $path).Value
$descriptor = New-Object Security.AccessControl.CommonSecurityDescriptor -ArgumentList $arguments
$sid = New-Object Security.Principal.SecurityIdentifier -ArgumentList $groups[0]
$readAndExecute = -1610612736 # GENERIC_READ and GENERIC_EXECUTE, 0xA0000000
$descriptor.DiscretionaryAcl.AddAccess('Allow', $sid, $readAndExecute, 'None', 'None')
Set-Item -Path $path -Value $descriptor.GetSddlForm('All') -Force

# 3. A certificate: the given one, or a new one that vouches for itself.
$name = [Net.Dns]::GetHostEntry('').HostName
$listeners = @(Get-ChildItem -Path WSMan:\localhost\Listener | Where-Object Keys -contains 'Transport=HTTPS')
if ($listeners.Count -eq 0) {
    if ($Thumbprint -eq '') {
        $new = @{
            DnsName = $name, $env:COMPUTERNAME
            CertStoreLocation = 'Cert:\LocalMachine\My'
            NotAfter = (Get-Date).AddYears(2)
        }
        $certificate = New-SelfSignedCertificate @new
        $Thumbprint = $certificate.Thumbprint
        $base64 = [Convert]::ToBase64String($certificate.RawData, 'InsertLineBreaks')
        "The certificate of $name, for winrm: {ca_file: ...}:"
        "-----BEGIN CERTIFICATE-----`n$base64`n-----END CERTIFICATE-----"
    }
    # 4. The listener.
    $listener = @{ Transport = 'HTTPS'; Address = '*'; CertificateThumbPrint = $Thumbprint; Force = $true }
    New-Item -Path WSMan:\localhost\Listener @listener | Out-Null
}

# 5. The firewall.
$rule = 'assess-winrm-https'
if (-not (Get-NetFirewallRule | Where-Object Name -eq $rule)) {
    $new = @{
        Name = $rule
        DisplayName = 'WinRM over HTTPS for assess'
        Direction = 'Inbound'
        Protocol = 'TCP'
        LocalPort = 5986
        RemoteAddress = $From
        Action = 'Allow'
    }
    New-NetFirewallRule @new | Out-Null
}
"Ready: write transport: winrm, address: $name and user: $Account in the inventory."
