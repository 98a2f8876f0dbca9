# Asks each instance of SQL Server on this machine, as the account that logs in, over shared memory and
# with fixed queries that only read. No hash of a password is among them.
$root = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::LocalMachine, [Microsoft.Win32.RegistryView]::Default)
$names = $root.OpenSubKey('SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\SQL')
$serverQueries = [ordered]@{
    server = @'
SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(60)) AS version,
 CAST(SERVERPROPERTY('Edition') AS nvarchar(100)) AS edition,
 CAST(SERVERPROPERTY('IsIntegratedSecurityOnly') AS int) AS windows_only,
 COALESCE(HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION'), 0) AS sees_definitions,
 COALESCE(HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE'), 0) AS sees_state,
 (SELECT COUNT(*) FROM sys.servers WHERE is_linked = 1) AS linked_servers,
 (SELECT COUNT(*) FROM sys.databases) AS databases
'@
    principals = @'
SELECT p.name, p.type, CONVERT(varchar(180), p.sid, 1) AS sid, CAST(p.is_disabled AS int) AS disabled,
 r.role, CAST(l.is_policy_checked AS int) AS policy, CAST(l.is_expiration_checked AS int) AS expiration
FROM sys.server_principals p
JOIN (SELECT m.member_principal_id AS id, q.name AS role FROM sys.server_role_members m
  JOIN sys.server_principals q ON q.principal_id = m.role_principal_id
  UNION SELECT grantee_principal_id, 'CONTROL SERVER' FROM sys.server_permissions
  WHERE permission_name = 'CONTROL SERVER' AND state IN ('G', 'W')) r ON r.id = p.principal_id
LEFT JOIN sys.sql_logins l ON l.principal_id = p.principal_id
UNION ALL
SELECT p.name, p.type, CONVERT(varchar(180), p.sid, 1), CAST(p.is_disabled AS int), '',
 CAST(l.is_policy_checked AS int), CAST(l.is_expiration_checked AS int)
FROM sys.server_principals p LEFT JOIN sys.sql_logins l ON l.principal_id = p.principal_id
WHERE p.type IN ('S', 'U', 'G')
'@
    settings = @'
SELECT name, CAST(value_in_use AS int) AS value FROM sys.configurations
WHERE name IN ('xp_cmdshell', 'clr enabled', 'remote admin connections', 'Ole Automation Procedures',
 'Ad Hoc Distributed Queries', 'cross db ownership chaining')
'@
    databases = @'
SELECT name, database_id AS id, CAST(state AS int) AS state, COALESCE(HAS_DBACCESS(name), 0) AS access,
 CAST(is_trustworthy_on AS int) AS trustworthy, CAST(is_encrypted AS int) AS encrypted,
 SUSER_SNAME(owner_sid) AS owner, CAST(recovery_model AS int) AS recovery
FROM sys.databases
'@
    encryption = 'SELECT DB_NAME(database_id) AS name, CAST(encryption_state AS int) AS state FROM sys.dm_database_encryption_keys'
    connections = 'SELECT net_transport AS transport, encrypt_option AS encrypted, COUNT(*) AS number FROM sys.dm_exec_connections GROUP BY net_transport, encrypt_option'
    backups = @'
SELECT b.database_name AS name, b.type, MAX(CASE WHEN b.key_algorithm IS NULL THEN 0 ELSE 1 END) AS encrypted,
 MAX(CAST(f.device_type AS int)) AS device,
 CONVERT(varchar(19), DATEADD(minute, DATEDIFF(minute, GETDATE(), GETUTCDATE()), MAX(b.backup_finish_date)), 126) + 'Z' AS finished
FROM msdb.dbo.backupset b LEFT JOIN msdb.dbo.backupmediafamily f ON f.media_set_id = b.media_set_id
WHERE b.is_copy_only = 0 AND b.backup_finish_date IS NOT NULL GROUP BY b.database_name, b.type
'@
    restores = @'
SELECT CONVERT(varchar(19), DATEADD(minute, DATEDIFF(minute, GETDATE(), GETUTCDATE()), MAX(restore_date)), 126) + 'Z' AS last
FROM msdb.dbo.restorehistory
'@
}
$databaseQuery = @'
SELECT (SELECT COUNT(*) FROM sys.database_permissions WHERE type = 'CO' AND state IN ('G', 'W')
 AND grantee_principal_id = DATABASE_PRINCIPAL_ID('guest')) AS guest,
 (SELECT COUNT(*) FROM sys.database_permissions p LEFT JOIN sys.objects o ON p.class = 1 AND o.object_id = p.major_id
 WHERE p.grantee_principal_id = DATABASE_PRINCIPAL_ID('public') AND p.state IN ('G', 'W')
 AND p.type IN ('SL', 'IN', 'UP', 'DL', 'EX', 'CL') AND (p.class <> 1 OR o.is_ms_shipped = 0)) AS everyone,
 (SELECT COUNT(*) FROM sys.database_role_members m JOIN sys.database_principals r ON r.principal_id = m.role_principal_id
 JOIN sys.database_principals d ON d.principal_id = m.member_principal_id
 WHERE r.name = 'db_owner' AND d.name <> 'dbo') AS owners
'@

function Get-Rows {
    # The rows of a query, as plain values.
    param($Connection, [string]$Query)
    $command = $Connection.CreateCommand()
    $command.CommandText = $Query
    $command.CommandTimeout = 10
    $reader = $command.ExecuteReader()
    try {
        while ($reader.Read()) {
            $row = [ordered]@{}
            for ($i = 0; $i -lt $reader.FieldCount; $i++) {
                $value = $reader.GetValue($i)
                if ($value -is [DBNull]) { $value = $null }
                elseif ($value -isnot [int]) { $value = ([string]$value).Trim() }
                $row[$reader.GetName($i)] = $value
            }
            $row
        }
    }
    finally { $reader.Dispose() }
}

function Get-FaultNumber {
    # The number of an error of SQL Server; anything else is an error of this script.
    param($Record)
    $fault = $Record.Exception.GetBaseException()
    for ($at = $Record.Exception; $null -ne $at; $at = $at.InnerException) {
        if ($at -is [System.Data.SqlClient.SqlException]) { return [int]$at.Number }
    }
    throw $fault
}

$instances = @(foreach ($name in @(if ($null -ne $names) { $names.GetValueNames() })) {
    $source = 'lpc:.'
    if ($name -ne 'MSSQLSERVER') { $source = "lpc:.\$name" }
    $builder = New-Object System.Data.SqlClient.SqlConnectionStringBuilder
    $builder['Data Source'] = $source
    $builder['Initial Catalog'] = 'master'
    $builder['Integrated Security'] = $true
    $builder['Connect Timeout'] = 5
    $builder['ApplicationIntent'] = 'ReadOnly'
    $builder['Application Name'] = 'assess'
    $builder['Pooling'] = $false
    $connection = New-Object System.Data.SqlClient.SqlConnection -ArgumentList $builder.ConnectionString
    $answer = [ordered]@{ name = $name; error = 0; within = @() }
    foreach ($part in $serverQueries.Keys) { $answer[$part] = [ordered]@{ error = 0; rows = @() } }
    try {
        try { $connection.Open() }
        catch { $answer.error = Get-FaultNumber -Record $_ }
        if ($answer.error -eq 0) {
            foreach ($part in $serverQueries.Keys) {
                try { $answer[$part].rows = @(Get-Rows -Connection $connection -Query $serverQueries[$part]) }
                catch { $answer[$part].error = Get-FaultNumber -Record $_ }
            }
            $answer.within = @(foreach ($database in $answer.databases.rows) {
                if ($database.access -ne 1 -or $database.state -ne 0 -or $database.id -le 4) { continue }
                $one = [ordered]@{ name = $database.name; error = 0; rows = @() }
                try {
                    $connection.ChangeDatabase($database.name)
                    $one.rows = @(Get-Rows -Connection $connection -Query $databaseQuery)
                }
                catch { $one.error = Get-FaultNumber -Record $_ }
                $one
            })
        }
    }
    finally { $connection.Dispose() }
    $answer
})
ConvertTo-Json -InputObject ([ordered]@{ instances = $instances; end = $true }) -Compress -Depth 6
