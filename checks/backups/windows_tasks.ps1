# Scheduled tasks that run a backup program, or that are called after one. Of a command only the program,
# the words that say what it does and the repository are shown: the rest may hold a password.
$programs = 'restic|rustic|rclone|borg|borgmatic|kopia|duplicati|wbadmin|reflect|cobian|robocopy|rsync'
$words = '(?<=^|\s)(backup|copy|sync|create|check|verify|restore|extract|forget|prune|--verify|--read-data)(?=\s|$)'
$places = '(?:^|\s)(?:-r|--repo)[ =]"?((?:b2:|s3:|gs:|azure:|rclone:|sftp:(?:[A-Za-z0-9._-]+@)?|[A-Za-z]:\\|\\\\)[A-Za-z0-9._/\\:$-]*)'
$iso = 'yyyy-MM-ddTHH:mm:ssZ'

$tasks = @(foreach ($task in @(Get-ScheduledTask)) {
    if ($task.TaskPath -like '\Microsoft\*' -and $task.TaskPath -ne '\Microsoft\Windows\Backup\') { continue }
    $actions = @($task.Actions)
    $text = @(foreach ($action in $actions) { "$($action.Execute) $($action.Arguments)" }) -join ' ; '
    $program = [regex]::Match($text, "(?i)(?<![A-Za-z0-9])($programs)(?![A-Za-z0-9])").Value.ToLowerInvariant()
    if (-not $program -and $task.TaskName -notmatch '(?i)back-?up|reservekopie') { continue }
    $info = $task | Get-ScheduledTaskInfo
    $ran = $null
    # A task that never ran has a date of 1999, or none.
    if ($info.LastRunTime -is [DateTime] -and $info.LastRunTime.Year -gt 2000) {
        $ran = $info.LastRunTime.ToUniversalTime().ToString($iso, [Globalization.CultureInfo]::InvariantCulture)
    }
    $direct = $false
    if ($actions.Count -eq 1 -and $program) {
        $file = ([string]$actions[0].Execute).Trim('"').Split('\')[-1]
        $direct = $file -eq $program -or $file -eq "$program.exe"
    }
    [ordered]@{
        name = "$($task.TaskPath)$($task.TaskName)"
        state = [int]$task.State
        triggers = @($task.Triggers | Where-Object { $null -ne $_ -and $_.Enabled }).Count
        program = $program
        direct = $direct
        words = @(foreach ($match in [regex]::Matches($text, $words)) { $match.Value })
        places = @(foreach ($match in [regex]::Matches($text, $places)) { $match.Groups[1].Value })
        ran = $ran
        result = [long]$info.LastTaskResult
    }
})
ConvertTo-Json -InputObject ([ordered]@{ tasks = $tasks; end = $true }) -Compress -Depth 4
