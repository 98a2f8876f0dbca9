# What Windows Server Backup itself says of its last backup; its cmdlets come with that feature alone.
function Get-Moment {
    # A moment that never was is the year 1.
    param($Value)
    if ($Value -isnot [DateTime] -or $Value.Year -lt 2000) { return $null }
    $Value.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
}

$answer = [ordered]@{
    there = $false
    last_success = $null
    last = $null
    last_result = $null
    next = $null
    versions = $null
    target = $null
    end = $true
}
if (Get-Command -Name Get-WBSummary -ErrorAction SilentlyContinue) {
    $summary = Get-WBSummary
    $answer.there = $true
    $answer.last_success = Get-Moment -Value $summary.LastSuccessfulBackupTime
    $answer.last = Get-Moment -Value $summary.LastBackupTime
    $answer.last_result = [long]$summary.LastBackupResultHR
    $answer.next = Get-Moment -Value $summary.NextBackupTime
    $answer.versions = [long]$summary.NumberOfVersions
    $answer.target = [string]$summary.LastSuccessfulBackupTargetPath
}
ConvertTo-Json -InputObject $answer -Compress -Depth 2
