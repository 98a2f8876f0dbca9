# Needs: S-1-5-32-573
# When the last log-in that succeeded was recorded (event 4624); nothing else of the event is read.
$byName = [Diagnostics.Eventing.Reader.PathType]::LogName
$wanted = '*[System[(EventID=4624)]]'
$question = New-Object -TypeName Diagnostics.Eventing.Reader.EventLogQuery -ArgumentList 'Security', $byName, $wanted
$question.ReverseDirection = $true
$reader = New-Object -TypeName Diagnostics.Eventing.Reader.EventLogReader -ArgumentList $question
$last = $reader.ReadEvent()
$when = $null
if ($null -ne $last -and $null -ne $last.TimeCreated) {
    $invariant = [Globalization.CultureInfo]::InvariantCulture
    $when = $last.TimeCreated.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', $invariant)
}
$reader.Dispose()
ConvertTo-Json -InputObject ([ordered]@{ event = 4624; last = $when; end = $true }) -Compress
