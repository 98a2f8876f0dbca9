# What the Windows Update Agent knows on this machine: what it installed, what waits, when it looked.
# The search is put to what the agent has stored (Online = false); nothing is fetched. Newer releases
# refuse the agent to whoever comes over the network, administrators too: so each part says by a number
# (HRESULT, 0 for none) why it is not there, and the others still answer.

function Get-Fault {
    param($Record)
    $code = [int]$Record.Exception.GetBaseException().HResult
    [BitConverter]::ToUInt32([BitConverter]::GetBytes($code), 0)
}

function Get-Moment {
    # The agent's dates are in UTC, and do not say so.
    param($Value)
    if ($Value -isnot [datetime]) { return $null }
    $utc = [DateTime]::SpecifyKind($Value, [DateTimeKind]::Utc)
    $utc.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
}

$faults = [ordered]@{ agent = 0; history = 0; search = 0; results = 0; system = 0 }
$searcher = $null
try {
    $session = New-Object -ComObject Microsoft.Update.Session
    $searcher = $session.CreateUpdateSearcher()
    $searcher.Online = $false
} catch {
    $faults.agent = Get-Fault -Record $_
    $searcher = $null
}

$history = @()
if ($null -ne $searcher) {
    try {
        $count = [Math]::Min([int]$searcher.GetTotalHistoryCount(), 500)
        if ($count -gt 0) {
            $history = @(foreach ($entry in $searcher.QueryHistory(0, $count)) {
                $title = [string]$entry.Title
                # Defender's signatures come several times a day and would crowd out the rest.
                if ($title -notmatch 'KB\d' -or $title -match 'KB2267602') { continue }
                [ordered]@{
                    title = $title
                    date = Get-Moment -Value $entry.Date
                    operation = [int]$entry.Operation
                    result = [int]$entry.ResultCode
                }
            })
        }
    } catch { $faults.history = Get-Fault -Record $_ }
}

$pending = @()
$waiting = 0
$result = 0
if ($null -ne $searcher) {
    try {
        $found = $searcher.Search("IsInstalled=0 and Type='Software'")
        $result = [int]$found.ResultCode
        $waiting = [int]$found.Updates.Count
        $pending = @(foreach ($update in $found.Updates) {
            [ordered]@{
                title = [string]$update.Title
                severity = [string]$update.MsrcSeverity
                date = Get-Moment -Value $update.LastDeploymentChangeTime
                hidden = [bool]$update.IsHidden
                articles = @(foreach ($article in $update.KBArticleIDs) { [string]$article })
                categories = @(foreach ($category in $update.Categories) { [string]$category.CategoryID })
            }
        })
    } catch { $faults.search = Get-Fault -Record $_ }
}

$searched = $null
$installed = $null
try {
    $automatic = (New-Object -ComObject Microsoft.Update.AutoUpdate).Results
    $searched = Get-Moment -Value $automatic.LastSearchSuccessDate
    $installed = Get-Moment -Value $automatic.LastInstallationSuccessDate
} catch { $faults.results = Get-Fault -Record $_ }

$restart = $null
try { $restart = [bool](New-Object -ComObject Microsoft.Update.SystemInfo).RebootRequired }
catch { $faults.system = Get-Fault -Record $_ }

$answer = [ordered]@{
    faults = $faults
    history = $history
    result = $result
    waiting = $waiting
    pending = $pending
    searched = $searched
    installed = $installed
    restart = $restart
    end = $true
}
ConvertTo-Json -InputObject $answer -Compress -Depth 5
