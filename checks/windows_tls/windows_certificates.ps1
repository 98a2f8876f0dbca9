# What the certificates of the computer's stores My and WebHosting say in public; no keys.
$rows = @(foreach ($name in 'My', 'WebHosting') {
    if (-not (Test-Path -Path "Cert:\LocalMachine\$name")) { continue }
    foreach ($one in @(Get-ChildItem -Path "Cert:\LocalMachine\$name")) {
        $until = $one.NotAfter.ToUniversalTime()
        [ordered]@{
            store = $name
            thumbprint = [string]$one.Thumbprint
            subject = [string]$one.Subject
            not_after = $until.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
        }
    }
})
ConvertTo-Json -InputObject ([ordered]@{ certificates = $rows; end = $true }) -Compress -Depth 3
