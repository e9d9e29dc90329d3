// SPDX-License-Identifier: MIT
// A PowerShell: the engine of NuGet's System.Management.Automation, which has the language and the core cmdlets and
// nothing else. Each line of input is a command line as a JSON string and is run in a session of its own; what comes of
// it is one line of JSON. test_powershell.py drives it.
using System;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text.Json;

while (Console.ReadLine() is string request) {
    using PowerShell shell = PowerShell.Create(InitialSessionState.CreateDefault2());
    string[] output = [], errors;
    try {
        output = shell.AddScript(JsonSerializer.Deserialize<string>(request)!).Invoke().Select(o => $"{o}").ToArray();
        errors = shell.Streams.Error.Select(e => $"{e}").ToArray();
    } catch (RuntimeException e) {
        errors = [e.Message];
    }
    object? exit = shell.Runspace.SessionStateProxy.GetVariable("LASTEXITCODE");
    Console.WriteLine(JsonSerializer.Serialize(new { output, errors, exit = exit ?? 0 }));
}
