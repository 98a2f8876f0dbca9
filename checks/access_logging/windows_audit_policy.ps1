# Needs: SeSecurityPrivilege
# What Windows audits. auditpol writes the settings in the language of the Windows, but the
# subcategories also as GUIDs; each row is given from its GUID on.
function Get-AuditLines {
    # What a program writes to its error stream must not end this script.
    $ErrorActionPreference = 'Continue'
    auditpol.exe /get /category:* /r 2>$null
}

$lines = @(Get-AuditLines)
$status = [int]$LASTEXITCODE
# ERROR_PRIVILEGE_NOT_HELD and ERROR_ACCESS_DENIED end this as any refusal does.
if (1314, 5 -contains $status) { throw (New-Object UnauthorizedAccessException) }
$rows = @(foreach ($line in $lines) {
    $at = ([string]$line).IndexOf('{')
    if ($at -ge 0) { ([string]$line).Substring($at) }
})
$answer = [ordered]@{ status = $status; rows = $rows; end = $true }
ConvertTo-Json -InputObject $answer -Compress -Depth 3
