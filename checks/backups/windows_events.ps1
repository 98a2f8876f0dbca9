# Needs: S-1-5-32-573
# How backups and restores ended, by the numbers of events in the logs of Windows and of backup programs.
$invariant = [Globalization.CultureInfo]::InvariantCulture
$iso = 'yyyy-MM-ddTHH:mm:ssZ'
$since = [DateTime]::UtcNow.AddDays(-400)
$asked = @(
    @{ Log = 'Microsoft-Windows-Backup'; Most = 60; Ids = @(4, 5, 7, 8, 9, 17, 18, 19, 20, 21, 22, 23, 49) }
    @{ Log = 'Microsoft-Windows-Backup'; Most = 20; Ids = @(194, 209, 214, 225, 242, 1026) }
    @{ Log = 'CloudBackup/Operational'; Most = 60; Ids = @(3, 10, 11, 18) }
    @{ Log = 'CloudBackup'; Most = 60; Ids = @(3, 10, 11, 18) }
    @{ Log = 'Veeam Agent'; Most = 100; Ids = @(190) }
    @{ Log = 'Veeam Backup'; Most = 400; Ids = @(190, 490, 790) }
    @{ Log = 'Veeam Backup'; Most = 50; Ids = @(390) }
    @{ Log = 'Veeam Backup'; Most = 20; Ids = @(290, 40290) }
)

function Get-Ends {
    # The newest events of one question; $null where there is no such log.
    param([hashtable]$Question)
    $filter = @{ LogName = $Question.Log; Id = $Question.Ids; StartTime = $since }
    try { return , @(Get-WinEvent -FilterHashtable $filter -MaxEvents $Question.Most) }
    catch {
        if ($_.FullyQualifiedErrorId -like 'NoMatchingEventsFound*') { return , @() }
        if ($_.FullyQualifiedErrorId -notlike 'NoMatchingLogsFound*') { throw }
    }
    $null
}

$logs = @(foreach ($question in $asked) {
    $found = Get-Ends -Question $question
    $events = @(foreach ($one in @($found)) {
        if ($null -eq $one) { continue }
        $named = @{}
        $texts = @(foreach ($node in ([xml]$one.ToXml()).SelectNodes("//*[local-name()='Data']")) {
            $named[$node.GetAttribute('Name')] = $node.InnerText
            $node.InnerText
        })
        # Veeam writes texts without names: the session, the job, its result, ..., the job's name.
        $job = $named['JobID']
        if ($null -eq $job -and $question.Log -like 'Veeam *' -and $texts.Count -gt 1) { $job = $texts[1] }
        if ($job -notmatch '^[0-9a-fA-F-]{36}$') { $job = $null }
        $name = $named['JobName']
        if ($null -eq $name -and $question.Log -eq 'Veeam Backup' -and $texts.Count -gt 6) { $name = $texts[6] }
        [ordered]@{
            id = [int]$one.Id
            level = [int]$one.Level
            time = $one.TimeCreated.ToUniversalTime().ToString($iso, $invariant)
            result = $named['HRESULT']
            target = $named['BackupTarget']
            job = $job
            name = $name
        }
    })
    [ordered]@{ log = $question.Log; ids = @($question.Ids); there = $null -ne $found; events = $events }
})
$answer = [ordered]@{
    now = [DateTime]::UtcNow.ToString($iso, $invariant)
    uptime = [long]([Diagnostics.Stopwatch]::GetTimestamp() / [Diagnostics.Stopwatch]::Frequency)
    host = [Environment]::MachineName
    logs = $logs
    end = $true
}
ConvertTo-Json -InputObject $answer -Compress -Depth 6
