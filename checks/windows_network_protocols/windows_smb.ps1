# Needs: S-1-5-32-544
# What holds for Windows' file sharing now, as server and as client. The registry cannot tell: what
# holds where nothing is set differs from one build and edition to the next.
function Get-InForce {
    param([string]$Service, [string]$Command, [string[]]$Names)
    $answer = [ordered]@{ service = $null; command = $false }
    foreach ($name in $Names) { $answer[$name] = $null }
    $found = Get-Service -Name $Service -ErrorAction SilentlyContinue
    if ($null -ne $found) { $answer['service'] = [int]$found.Status }
    $answer['command'] = $null -ne (Get-Command -Name $Command -ErrorAction SilentlyContinue)
    # 4: the service runs. Without it there is nothing in force.
    if ($answer['command'] -and $answer['service'] -eq 4) {
        $settings = & $Command
        foreach ($name in $Names) {
            $property = $settings.PSObject.Properties[$name]
            if ($null -ne $property -and $null -ne $property.Value) {
                $answer[$name] = [bool]$property.Value
            }
        }
    }
    $answer
}

$server = Get-InForce -Service 'LanmanServer' -Command 'Get-SmbServerConfiguration' -Names @(
    'EnableSMB1Protocol', 'RequireSecuritySignature', 'EncryptData', 'RejectUnencryptedAccess'
)
$client = Get-InForce -Service 'LanmanWorkstation' -Command 'Get-SmbClientConfiguration' -Names @(
    'RequireSecuritySignature', 'EnableInsecureGuestLogons'
)
$answer = [ordered]@{ server = $server; client = $client; end = $true }
ConvertTo-Json -InputObject $answer -Compress -Depth 4
