# Needs: S-1-5-32-573
# The updates that Windows says it has installed (event 19 of WindowsUpdateClient in the log System),
# the newest first. They stand there too where the update agent itself refuses to answer.
$filter = @{ LogName = 'System'; ProviderName = 'Microsoft-Windows-WindowsUpdateClient'; Id = 19 }
$events = @()
try { $events = @(Get-WinEvent -FilterHashtable $filter -MaxEvents 500) }
catch {
    # None at all is an error to this command.
    if ($_.FullyQualifiedErrorId -notmatch '^NoMatchingEventsFound\b') { throw }
}
$invariant = [Globalization.CultureInfo]::InvariantCulture
$installs = @(foreach ($entry in $events) {
    $title = [string]$entry.Properties[0].Value
    # Defender's signatures come several times a day and would crowd out the rest.
    if ($title -notmatch 'KB\d' -or $title -match 'KB2267602') { continue }
    [ordered]@{
        title = $title
        date = $entry.TimeCreated.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', $invariant)
    }
})
ConvertTo-Json -InputObject ([ordered]@{ installs = $installs; end = $true }) -Compress -Depth 4
