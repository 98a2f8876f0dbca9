# Reads values of the registry. Each argument is one question: KEY|NAME|NAME..., KEY beginning with
# HKLM or HKU; a part "*" of the path stands for every subkey, a NAME "*" for every value.
$hives = @{ HKLM = [Microsoft.Win32.RegistryHive]::LocalMachine; HKU = [Microsoft.Win32.RegistryHive]::Users }
$view = [Microsoft.Win32.RegistryView]::Default
if ([Environment]::Is64BitOperatingSystem) { $view = [Microsoft.Win32.RegistryView]::Registry64 }
$raw = [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames

function Get-Matching {
    # The keys below $Key that the parts name, with their paths.
    param($Key, [string]$Path, [string[]]$Parts)
    if ($Parts.Count -eq 0) { return @{ Path = $Path; Key = $Key } }
    $left = @($Parts | Select-Object -Skip 1)
    $names = @($Parts[0])
    if ($Parts[0] -eq '*') { $names = @($Key.GetSubKeyNames()) }
    # A list that was cut off must not pass for a whole one.
    if ($names.Count -gt 5000) { throw "more than 5000 keys below $Path" }
    foreach ($name in $names) {
        $found = $Key.OpenSubKey($name)
        if ($null -ne $found) { Get-Matching -Key $found -Path "$Path\$name" -Parts $left }
    }
}

function Get-Plain {
    # Numbers without a sign, bytes as hexadecimal digits.
    param($Data, [int]$Kind)
    if ($null -eq $Data) { return $null }
    switch ($Kind) {
        4 { return [BitConverter]::ToUInt32([BitConverter]::GetBytes([int]$Data), 0) }
        11 { return [BitConverter]::ToUInt64([BitConverter]::GetBytes([long]$Data), 0) }
        { 1, 2 -contains $_ } { return [string]$Data }
        default { if ($Data -is [byte[]]) { return [BitConverter]::ToString($Data).Replace('-', '') } }
    }
    [string]$Data
}

$answers = @(foreach ($question in $args) {
    $words = @(([string]$question).Split('|'))
    $parts = @($words[0].Split('\'))
    $root = [Microsoft.Win32.RegistryKey]::OpenBaseKey($hives[$parts[0]], $view)
    $below = @($parts | Select-Object -Skip 1)
    $keys = @(foreach ($match in @(Get-Matching -Key $root -Path $parts[0] -Parts $below)) {
        $names = @($words | Select-Object -Skip 1)
        if ($names -contains '*') { $names = @($match.Key.GetValueNames()) }
        $there = @($match.Key.GetValueNames())
        $values = @(foreach ($name in $names) {
            $kind = 0
            $data = $null
            if ($there -contains $name) {
                $kind = [int]$match.Key.GetValueKind($name)
                $data = $match.Key.GetValue($name, $null, $raw)
                if ($kind -eq 7) { $data = [string[]]$data }
                else { $data = Get-Plain -Data $data -Kind $kind }
            }
            [ordered]@{ name = $name; kind = $kind; data = $data }
        })
        [ordered]@{ key = $match.Path; values = $values }
    })
    [ordered]@{ asked = [string]$question; keys = $keys }
})
ConvertTo-Json -InputObject ([ordered]@{ registry = $answers; end = $true }) -Compress -Depth 6
