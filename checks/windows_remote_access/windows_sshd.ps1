# The lines of OpenSSH Server's settings that say how people get in. Others are not shown.
$path = "$env:ProgramData\ssh\sshd_config"
$there = Test-Path -LiteralPath $path -PathType Leaf
$lines = @()
if ($there) {
    $shown = '^\s*(Port|ListenAddress|PasswordAuthentication|KbdInteractiveAuthentication|' +
        'PubkeyAuthentication|PermitEmptyPasswords|Match|Include)\b'
    $lines = @(foreach ($line in [IO.File]::ReadAllLines($path)) {
        if ($line -match $shown) { $line.Trim() }
    })
}
ConvertTo-Json -InputObject ([ordered]@{ there = $there; lines = $lines; end = $true }) -Compress -Depth 3
