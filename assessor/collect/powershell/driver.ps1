$ErrorActionPreference = 'Stop'
$Assess = @{
    Mark = ''
    Seconds = 0
    Clock = [Diagnostics.Stopwatch]::StartNew()
    Out = [Console]::OpenStandardOutput()
    Runspace = $null
}

function Write-AssessFrame {
    param([string]$Frame)
    # Bytes, because the console's code page differs from one Windows to the next.
    $bytes = [Text.Encoding]::ASCII.GetBytes("`n$($Assess.Mark) $Frame`n")
    $Assess.Out.Write($bytes, 0, $bytes.Length)
    $Assess.Out.Flush()
}

function ConvertTo-AssessPack {
    param([byte[]]$Bytes, [int]$Count)
    $memory = New-Object IO.MemoryStream
    $mode = [IO.Compression.CompressionMode]::Compress
    $gzip = New-Object IO.Compression.GZipStream -ArgumentList $memory, $mode
    if ($Count -gt 0) { $gzip.Write($Bytes, 0, $Count) }
    $gzip.Dispose()
    [Convert]::ToBase64String($memory.ToArray())
}

function ConvertTo-AssessJson {
    param($Value)
    $bytes = [Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -InputObject $Value -Compress))
    ConvertTo-AssessPack -Bytes $bytes -Count $bytes.Length
}

function Start-Assess {
    param([string]$Left, [string]$Right, [int]$Seconds)
    $Assess.Mark = $Left + $Right
    $Assess.Seconds = $Seconds
    $system = [string][Environment]::OSVersion.Platform
    if ($system -eq 'Win32NT') { $system = 'Windows' }
    $origin = New-Object DateTime -ArgumentList 1970, 1, 1
    $head = @{
        format = 1
        system = $system
        epoch = [long][Math]::Floor(([DateTime]::UtcNow - $origin).TotalSeconds)
        powershell = [string]$PSVersionTable.PSVersion
    }
    Write-AssessFrame "H $(ConvertTo-AssessJson $head)"
}

function Open-AssessRunspace {
    if ($null -eq $Assess.Runspace) {
        $Assess.Runspace = [Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace()
        $Assess.Runspace.Open()
        $Assess.Runspace.SessionStateProxy.SetVariable('ErrorActionPreference', 'Stop')
        $Assess.Runspace.SessionStateProxy.SetVariable('ProgressPreference', 'SilentlyContinue')
    }
    $Assess.Runspace
}

function Test-AssessDenied {
    param($Record)
    # By numbers and names of types: messages are in the language of the Windows.
    if ([string]$Record.CategoryInfo.Category -eq 'PermissionDenied') { return $true }
    if ($Record.FullyQualifiedErrorId -match '^HRESULT 0x(80070005|80041003)\b') { return $true }
    for ($fault = $Record.Exception; $null -ne $fault; $fault = $fault.InnerException) {
        if ($fault -is [UnauthorizedAccessException]) { return $true }
        if ($fault -is [Security.SecurityException]) { return $true }
        # E_ACCESSDENIED and WBEM_E_ACCESS_DENIED
        if ($fault.HResult -eq -2147024891 -or $fault.HResult -eq -2147217405) { return $true }
        if ($fault -is [ComponentModel.Win32Exception] -and $fault.NativeErrorCode -eq 5) { return $true }
    }
    $false
}

function Get-AssessErrors {
    param($Shell)
    $reason = $Shell.InvocationStateInfo.Reason
    if ($null -ne $reason) {
        if ($null -ne $reason.ErrorRecord) {
            $reason.ErrorRecord
        } else {
            $category = [Management.Automation.ErrorCategory]::NotSpecified
            New-Object Management.Automation.ErrorRecord -ArgumentList $reason, 'Failed', $category, $null
        }
    }
    for ($i = 0; $i -lt $Shell.Streams.Error.Count -and $i -lt 20; $i++) { $Shell.Streams.Error[$i] }
}

function Wait-AssessProbe {
    # 'done', 'late' or 'full': how the probe came to its end.
    param($Task, $Output, [double]$Seconds, [int]$Limit)
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $taken = 0
    $size = [long]0
    while (-not $Task.AsyncWaitHandle.WaitOne(20)) {
        for (; $taken -lt $Output.Count; $taken++) { $size += ([string]$Output[$taken]).Length + 1 }
        if ($size -gt $Limit) { return 'full' }
        if ($clock.Elapsed.TotalSeconds -ge $Seconds) { return 'late' }
    }
    'done'
}

function Stop-AssessProbe {
    param($Shell, $Task)
    [void]$Shell.BeginStop($null, $null)
    # One that does not even stop is left behind; the next probe gets a runspace of its own.
    if (-not $Task.AsyncWaitHandle.WaitOne(1000)) { $Assess.Runspace = $null }
}

function Write-AssessOutput {
    param([string]$Key, $Output, [int]$Limit)
    $text = New-Object Text.StringBuilder
    for ($i = 0; $i -lt $Output.Count -and $text.Length -le $Limit; $i++) {
        [void]$text.Append([string]$Output[$i]).Append("`n")
    }
    $bytes = [Text.Encoding]::UTF8.GetBytes($text.ToString())
    $pack = ConvertTo-AssessPack -Bytes $bytes -Count ([Math]::Min($bytes.Length, $Limit))
    for ($at = 0; $at -lt $pack.Length; $at += 8000) {
        Write-AssessFrame "O $Key $($pack.Substring($at, [Math]::Min(8000, $pack.Length - $at)))"
    }
    $bytes.Length
}

function Invoke-AssessProbe {
    param([string]$Key, [int]$Seconds, [int]$Limit, [string]$Text, [string[]]$Arguments)
    $left = $Assess.Seconds - $Assess.Clock.Elapsed.TotalSeconds
    if ($left -le 0) { return }
    Write-AssessFrame "B $Key"
    $shell = [Management.Automation.PowerShell]::Create()
    $shell.Runspace = Open-AssessRunspace
    [void]$shell.AddScript([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Text)), $true)
    foreach ($argument in $Arguments) {
        [void]$shell.AddArgument([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($argument)))
    }
    $nothing = New-Object 'Management.Automation.PSDataCollection[psobject]'
    $nothing.Complete()
    $output = New-Object 'Management.Automation.PSDataCollection[psobject]'
    $task = $shell.BeginInvoke($nothing, $output)
    $limits = @{ Seconds = [Math]::Min($Seconds, $left); Limit = $Limit }
    $state = Wait-AssessProbe -Task $task -Output $output @limits
    if ($state -ne 'done') { Stop-AssessProbe -Shell $shell -Task $task }
    $seen = Write-AssessOutput -Key $Key -Output $output -Limit $Limit
    $failed = $state -eq 'done' -and [string]$shell.InvocationStateInfo.State -ne 'Completed'
    $errors = @()
    if ($state -eq 'done') { $errors = @(Get-AssessErrors -Shell $shell) }
    $said = @(foreach ($record in $errors) {
        '{0} 0x{1:X8}: {2}' -f $record.FullyQualifiedErrorId, $record.Exception.HResult, $record.Exception.Message
    }) -join "`n"
    $denied = $false
    if ($failed) { $denied = Test-AssessDenied $errors[0] }
    elseif ($seen -eq 0) {
        foreach ($record in $errors) { $denied = $denied -or (Test-AssessDenied $record) }
    }
    $end = @{
        state = $state
        failed = $failed
        denied = $denied
        seen = $seen
        said = $said.Substring(0, [Math]::Min($said.Length, 4000))
    }
    Write-AssessFrame "E $Key $(ConvertTo-AssessJson $end)"
    if ($state -eq 'done') { $shell.Dispose() }
}

function Stop-Assess {
    Write-AssessFrame 'Z'
    # Whatever was left behind must not keep this process alive.
    [Environment]::Exit(0)
}
