# Needs: S-1-5-32-573
# How Windows keeps some of its event logs, and the dates of the first and last events of Security.
# No event's text is read.
$byName = [Diagnostics.Eventing.Reader.PathType]::LogName

function Get-When {
    param($Time)
    if ($null -eq $Time) { return $null }
    $Time.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
}

function Get-FirstEvents {
    # The first events of Security, from its beginning or from its end.
    param([bool]$FromEnd, [int]$Count)
    $question = New-Object -TypeName Diagnostics.Eventing.Reader.EventLogQuery -ArgumentList 'Security', $byName, '*'
    $question.ReverseDirection = $FromEnd
    $reader = New-Object -TypeName Diagnostics.Eventing.Reader.EventLogReader -ArgumentList $question
    try {
        for ($i = 0; $i -lt $Count; $i++) {
            $one = $reader.ReadEvent()
            if ($null -eq $one) { break }
            $one
        }
    } finally { $reader.Dispose() }
}

function Get-Log {
    param([string]$Name)
    $row = [ordered]@{
        name = $Name; there = $true; enabled = $null; mode = $null; max_bytes = $null
        file_bytes = $null; records = $null; oldest_number = $null; full = $null
    }
    try { $settings = New-Object -TypeName Diagnostics.Eventing.Reader.EventLogConfiguration -ArgumentList $Name }
    catch {
        if ($_.Exception.GetBaseException().GetType().Name -ne 'EventLogNotFoundException') { throw }
        $row.there = $false
        return $row
    }
    $session = [Diagnostics.Eventing.Reader.EventLogSession]::GlobalSession
    $state = $session.GetLogInformation($Name, $byName)
    $row.enabled = [bool]$settings.IsEnabled
    $row.mode = [int]$settings.LogMode
    $row.max_bytes = [long]$settings.MaximumSizeInBytes
    $row.file_bytes = $state.FileSize
    $row.records = $state.RecordCount
    $row.oldest_number = $state.OldestRecordNumber
    $row.full = $state.IsLogFull
    $row
}

$names = 'Security', 'System', 'Application', 'Microsoft-Windows-PowerShell/Operational'
$logs = @(foreach ($name in $names) { Get-Log -Name $name })

$first = @(Get-FirstEvents -FromEnd $false -Count 10)
$last = @(Get-FirstEvents -FromEnd $true -Count 1)
$oldest = $null
$newest = $null
if ($first.Count -gt 0) { $oldest = Get-When -Time $first[0].TimeCreated }
if ($last.Count -gt 0) { $newest = Get-When -Time $last[0].TimeCreated }
# Clearing empties the log and notes that as 1102, so that such an event stands at its beginning.
$cleared = $null
foreach ($one in $first) { if ($one.Id -eq 1102) { $cleared = Get-When -Time $one.TimeCreated } }

# Names such as Archive-Security-2015-10-16-00-50-12-621.evtx; null where the folder may not be seen.
$archives = $null
try {
    $file = (New-Object -TypeName Diagnostics.Eventing.Reader.EventLogConfiguration -ArgumentList 'Security').LogFilePath
    $folder = [IO.Path]::GetDirectoryName([Environment]::ExpandEnvironmentVariables($file))
    $archives = @(foreach ($path in [IO.Directory]::GetFiles($folder, 'Archive-Security-*.evtx')) {
        [IO.Path]::GetFileName($path)
    })
} catch { $archives = $null }

$answer = [ordered]@{
    now = Get-When -Time ([DateTime]::UtcNow)
    logs = $logs
    oldest = $oldest
    newest = $newest
    cleared = $cleared
    archives = $archives
    end = $true
}
ConvertTo-Json -InputObject $answer -Compress -Depth 4
