# The names of the services, and where File History of each person goes. Names of services are read in
# the registry: to list them, Windows asks more rights of an account that comes over the network.
$services = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SYSTEM\CurrentControlSet\Services')
$settings = 'Users\*\AppData\Local\Microsoft\Windows\FileHistory\Configuration\Config1.xml'
$query = @{
    Path = Join-Path -Path "$env:SystemDrive\" -ChildPath $settings
    Force = $true
    ErrorAction = 'SilentlyContinue'
}
$targets = @(foreach ($file in @(Get-Item @query)) {
    $tree = New-Object System.Xml.XmlDocument
    $tree.XmlResolver = $null
    try { $tree.Load($file.FullName) }
    catch [System.Xml.XmlException] { continue }
    $node = $tree.SelectSingleNode("//*[local-name()='Target']//*[local-name()='TargetUrl']")
    if ($null -ne $node) { ([string]$node.InnerText).Trim() }
})
$answer = [ordered]@{
    services = @($services.GetSubKeyNames())
    file_history_targets = $targets
    end = $true
}
ConvertTo-Json -InputObject $answer -Compress -Depth 3
