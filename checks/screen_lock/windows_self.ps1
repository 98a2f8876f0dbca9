# The account that looks: its own settings say nothing about the people who sit at the machine.
$sid = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
ConvertTo-Json -InputObject ([ordered]@{ sid = [string]$sid; end = $true }) -Compress
