# Reads the instances of one class of CIM, with the named properties as plain values.
param([string]$Namespace, [string]$Class, [string]$Filter, [string]$Properties)

function Get-Plain {
    param($Value)
    if ($null -eq $Value) { return $null }
    if ($Value -is [datetime]) {
        $invariant = [Globalization.CultureInfo]::InvariantCulture
        return $Value.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', $invariant)
    }
    if ($Value -is [string] -or $Value.GetType().IsPrimitive) { return $Value }
    [string]$Value
}

$query = @{ Namespace = $Namespace; ClassName = $Class }
if ($Filter) { $query.Filter = $Filter }
$there = $true
$found = @()
try { $found = @(Get-CimInstance @query) }
catch {
    # WBEM_E_INVALID_NAMESPACE and WBEM_E_INVALID_CLASS: this Windows has no such thing.
    if ($_.FullyQualifiedErrorId -notmatch '^HRESULT 0x8004(100e|1010)\b') { throw }
    $there = $false
}
$rows = @(foreach ($one in $found) {
    $row = [ordered]@{}
    foreach ($name in $Properties.Split(',')) {
        $property = $one.CimInstanceProperties[$name]
        if ($null -eq $property) { continue }
        if ($property.Value -is [array]) {
            $row[$name] = @(foreach ($each in $property.Value) { Get-Plain -Value $each })
        } else { $row[$name] = Get-Plain -Value $property.Value }
    }
    $row
})
$answer = [ordered]@{ class = $Class; there = $there; rows = $rows; end = $true }
ConvertTo-Json -InputObject $answer -Compress -Depth 5
