# Database servers among the services: their names, programs, accounts, how they start and whether the
# program runs. From the registry, because listing services asks more rights of an account that comes
# over the network. Of a command line only the program's name is shown. Servers that run without being a
# service stand among the processes.
$known = '(?i)([^\\"/]*(?:sqlservr|mysqld[a-z0-9.-]*|mariadbd|pg_ctl|postgres|mongod|redis-server|memurai|valkey-server|oracle|firebird|fbserver|fb_inet_server|memcached|clickhouse|db2syscs|dbsrv[0-9]+|msmdsrv)\.exe)'
$services = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SYSTEM\CurrentControlSet\Services')
$closed = 0
$running = @{}
foreach ($process in @([Diagnostics.Process]::GetProcesses())) { $running["$($process.ProcessName).exe"] = $true }
$found = @(foreach ($name in $services.GetSubKeyNames()) {
    $key = $null
    try { $key = $services.OpenSubKey($name) }
    catch [System.Security.SecurityException] {
        $closed++
        continue
    }
    if ($null -eq $key) { continue }
    $match = [regex]::Match([string]$key.GetValue('ImagePath', ''), $known)
    if (-not $match.Success) { continue }
    # A service of PostgreSQL is started by pg_ctl, which starts the server itself.
    $program = $match.Groups[1].Value.ToLowerInvariant()
    $process = $program
    if ($program -eq 'pg_ctl.exe') { $process = 'postgres.exe' }
    [ordered]@{
        name = $name
        program = $program
        account = [string]$key.GetValue('ObjectName', '')
        start = [int]$key.GetValue('Start', -1)
        running = $running.ContainsKey($process)
    }
})
$processes = @(foreach ($name in $running.Keys) { if ($name -match "^$known`$") { $name.ToLowerInvariant() } })
$answer = [ordered]@{ services = $found; processes = $processes; closed = $closed; end = $true }
ConvertTo-Json -InputObject $answer -Compress -Depth 3
