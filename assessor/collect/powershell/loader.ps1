$ProgressPreference = 'SilentlyContinue'
& ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String((-join @($input))))))
