# The firewall as it is in force (ActiveStore: what local settings, group policy and MDM make together),
# whether its services run, and the products that registered to take its place.

function Get-Number {
    # The number of a property; null where this Windows does not have it.
    param($Instance, [string]$Name)
    $property = $Instance.CimInstanceProperties[$Name]
    if ($null -eq $property -or $null -eq $property.Value) { return $null }
    [long]$property.Value
}

function Get-State {
    # The state of a service (4: it runs); null where that may not be seen.
    param([string]$Name)
    try { [int](Get-Service -Name $Name -ErrorAction Stop).Status } catch { $null }
}

$reached = $true
$found = @()
try { $found = @(Get-NetFirewallProfile -PolicyStore ActiveStore -ErrorAction Stop) }
catch {
    # EPT_S_NOT_REGISTERED, ERROR_SERVICE_NOT_ACTIVE, RPC_S_SERVER_UNAVAILABLE: nobody answers there.
    if ($_.FullyQualifiedErrorId -notmatch '^Windows System Error (1753|1062|1722)\b') { throw }
    $reached = $false
}
$profiles = @(foreach ($one in $found) {
    [ordered]@{
        name = [string]$one.Name
        enabled = Get-Number -Instance $one -Name 'Enabled'
        inbound = Get-Number -Instance $one -Name 'DefaultInboundAction'
        allow_inbound = Get-Number -Instance $one -Name 'AllowInboundRules'
        allow_local = Get-Number -Instance $one -Name 'AllowLocalFirewallRules'
        log_blocked = Get-Number -Instance $one -Name 'LogBlocked'
        log_kilobytes = Get-Number -Instance $one -Name 'LogMaxSizeKilobytes'
        left_out = @(foreach ($each in $one.DisabledInterfaceAliases) { [string]$each })
    }
})

# INetFwProducts: null where it cannot be asked.
$products = $null
try {
    $products = @(foreach ($one in (New-Object -ComObject HNetCfg.FwProducts)) {
        $categories = @(foreach ($each in $one.RuleCategories) { [int]$each })
        [ordered]@{ name = [string]$one.DisplayName; categories = $categories }
    })
} catch { $products = $null }

$answer = [ordered]@{
    reached = $reached
    filtering_engine = Get-State -Name 'BFE'
    service = Get-State -Name 'MpsSvc'
    profiles = $profiles
    products = $products
    end = $true
}
ConvertTo-Json -InputObject $answer -Compress -Depth 6
