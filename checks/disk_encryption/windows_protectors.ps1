# What guards the key of each volume that BitLocker can encrypt: kinds of protectors, never a key. And
# which drives there are, so that no letter is overlooked.
# Needs: S-1-5-32-544
$namespace = 'root/cimv2/Security/MicrosoftVolumeEncryption'
$there = $true
$found = @()
try { $found = @(Get-CimInstance -Namespace $namespace -ClassName Win32_EncryptableVolume) }
catch {
    # WBEM_E_INVALID_NAMESPACE and WBEM_E_INVALID_CLASS: this Windows has no BitLocker.
    if ($_.FullyQualifiedErrorId -notmatch '^HRESULT 0x8004(100e|1010)\b') { throw }
    $there = $false
}

function Get-Told {
    # What a method answers; nothing where it says that it cannot, as for a locked volume.
    param($Volume, [string]$Method, [hashtable]$Arguments)
    $answer = Invoke-CimMethod -InputObject $Volume -MethodName $Method -Arguments $Arguments
    if ($answer.ReturnValue -eq 0) { $answer }
}

$volumes = @(foreach ($volume in $found) {
    $conversion = Get-Told -Volume $volume -Method GetConversionStatus -Arguments @{ PrecisionFactor = [uint32]0 }
    $lock = Get-Told -Volume $volume -Method GetLockStatus -Arguments @{}
    $method = Get-Told -Volume $volume -Method GetEncryptionMethod -Arguments @{}
    $protectors = Get-Told -Volume $volume -Method GetKeyProtectors -Arguments @{ KeyProtectorType = [uint32]0 }
    $kinds = $null
    if ($null -ne $protectors) {
        $kinds = @(foreach ($id in $protectors.VolumeKeyProtectorID) {
            if ($null -eq $id) { continue }
            $kind = Get-Told -Volume $volume -Method GetKeyProtectorType -Arguments @{ VolumeKeyProtectorID = [string]$id }
            if ($null -eq $kind) { 0 } else { [int]$kind.KeyProtectorType }
        })
    }
    $row = [ordered]@{
        device = [string]$volume.DeviceID
        conversion = $null
        percentage = $null
        locked = $null
        self_encrypting = $null
        protectors = $kinds
    }
    if ($null -ne $conversion) {
        $row.conversion = [int]$conversion.ConversionStatus
        $row.percentage = [int]$conversion.EncryptionPercentage
    }
    if ($null -ne $lock) { $row.locked = [int]$lock.LockStatus }
    if ($null -ne $method -and $method.SelfEncryptionDriveEncryptionMethod) {
        $row.self_encrypting = [string]$method.SelfEncryptionDriveEncryptionMethod
    }
    $row
})
$drives = @(foreach ($drive in [IO.DriveInfo]::GetDrives()) {
    [ordered]@{ name = [string]$drive.Name; kind = [int]$drive.DriveType }
})
$answer = [ordered]@{ there = $there; volumes = $volumes; drives = $drives; end = $true }
ConvertTo-Json -InputObject $answer -Compress -Depth 5
