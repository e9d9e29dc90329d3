' SPDX-License-Identifier: MIT
' A client that nobody here wrote: Wine's VBScript and its objects for scripts, through the stand-in for WMI. Each check
' prints a line only if it fails. A script that stops early prints no last line, and the exit code is 0 all the same.
Option Explicit

Dim checks, failures
checks = 0
failures = 0
Sub Check(what, found, expected)
    checks = checks + 1
    If VarType(found) <> VarType(expected) Then
        failures = failures + 1
        WScript.Echo what & ": type " & VarType(found) & " instead of " & VarType(expected)
    ElseIf Not IsNull(expected) Then
        If found <> expected Then
            failures = failures + 1
            WScript.Echo what & ": '" & found & "' instead of '" & expected & "'"
        End If
    End If
End Sub

Const MyVm = "F65D0775-1CA1-4804-9305-71F4A38BDD83"
Const LabVm = "7B61DC96-3BBD-455F-8027-B18D2CFD643A"
Const System = "\\HV1\root\virtualization\v2:Msvm_ComputerSystem.CreationClassName=""Msvm_ComputerSystem"",Name="

Dim wmi, rows, row, count, walked, line, name
Set wmi = GetObject("winmgmts:\\.\root\virtualization\v2")

' ---- queries, and the types of what they give ----
Set rows = wmi.ExecQuery("SELECT * FROM Msvm_ComputerSystem WHERE InstallDate IS NOT NULL")
Check "VMs", rows.Count, CLng(5)
count = 0
For Each row In rows
    count = count + 1
    If row.Name = MyVm Then
        Check "ElementName", row.ElementName, "my vm"
        Check "EnabledState", row.EnabledState, CLng(3)
        Check "OnTimeInMilliseconds", row.OnTimeInMilliseconds, "0"
        Check "ProcessID", row.ProcessID, Null
        Check "InstallDate", row.InstallDate, "20240820084500.000000+000"
        Check "OperationalStatus", TypeName(row.OperationalStatus), "Variant()"
        Check "__PATH", row.Properties_.Item("__PATH").Value, System & """" & MyVm & """"
        Check "__CLASS", row.Properties_.Item("__CLASS").Value, "Msvm_ComputerSystem"
        Check "__GENUS", row.Properties_.Item("__GENUS").Value, CLng(2)
        Check "__NAMESPACE", row.Properties_.Item("__NAMESPACE").Value, "root\virtualization\v2"
        Check "number of properties", row.Properties_.Count, CLng(46)
        ' All that are not null; Wine cannot enumerate Properties_ itself.
        walked = 0
        For Each line In Split(row.GetObjectText_, vbLf)
            If InStr(line, vbTab) = 1 Then
                walked = walked + 1
                name = Mid(line, 2, InStr(line, " = ") - 2)
                Check name & " has a value", IsNull(row.Properties_.Item(name).Value), False
            End If
        Next
        Check "properties walked", walked > 15 And walked < 46, True
    End If
Next
Check "VMs walked", count, 5
For Each row In wmi.InstancesOf("Msvm_PartitionableGpu")
    Check "TotalEncode", row.TotalEncode, "18446744073709551615"
    Check "PartitionCount", row.PartitionCount, CLng(32)
Next
For Each row In wmi.ExecQuery("SELECT Name FROM Msvm_ComputerSystem WHERE ElementName = 'lab'")
    Check "one column", row.Name, LabVm
    Check "no path without all keys", row.Properties_.Item("__PATH").Value, Null
Next

' ---- objects by path, associations, text ----
Dim lab, settings, text
Set lab = wmi.Get("Msvm_ComputerSystem.CreationClassName=""Msvm_ComputerSystem"",Name=""" & LabVm & """")
Check "lab", lab.ElementName, "lab"
text = lab.GetObjectText_
Check "MOF", InStr(text, "instance of Msvm_ComputerSystem") > 0 And InStr(text, "ElementName = ""lab"";") > 0, True
Set rows = wmi.ExecQuery("ASSOCIATORS OF {" & lab.Properties_.Item("__PATH").Value & "} WHERE AssocClass = Msvm_SettingsDefineState")
Check "settings", rows.Count, CLng(1)
For Each settings In rows
    Check "InstanceID", settings.InstanceID, "Microsoft:" & LabVm
    Check "AutomaticSnapshotsEnabled", settings.AutomaticSnapshotsEnabled, True
    Check "LowMmioGapSize", settings.LowMmioGapSize, "128"
Next
Set rows = wmi.ExecQuery("REFERENCES OF {" & lab.Properties_.Item("__PATH").Value & "} WHERE ResultClass = Msvm_SettingsDefineState")
For Each row In rows
    Check "reference", row.ManagedElement, System & """" & LabVm & """"
Next

' ---- a method ----
Dim class_, service, before, inputs, outputs, job, polls
Set class_ = wmi.Get("Msvm_VirtualSystemSnapshotService")
For Each row In wmi.InstancesOf("Msvm_VirtualSystemSnapshotService")
    Set service = row
Next
before = wmi.ExecQuery("ASSOCIATORS OF {" & lab.Properties_.Item("__PATH").Value & "} WHERE AssocClass = Msvm_SnapshotOfVirtualSystem").Count
Set inputs = class_.Methods_.Item("CreateSnapshot").InParameters
inputs.AffectedSystem = lab.Properties_.Item("__PATH").Value
inputs.SnapshotType = 2
Set outputs = service.ExecMethod_("CreateSnapshot", inputs)
Check "ReturnValue", outputs.ReturnValue, CLng(4096)
Check "ResultingSnapshot", outputs.ResultingSnapshot, Null
Check "Job", Left(outputs.Job, 56), "\\HV1\root\virtualization\v2:Msvm_ConcreteJob.InstanceID"
For polls = 1 To 5000
    Set job = wmi.Get(outputs.Job)
    If job.JobState > 4 Then Exit For
Next
Check "JobState", job.JobState, CLng(7)
Check "PercentComplete", job.PercentComplete, CLng(100)
Check "checkpoints", wmi.ExecQuery("ASSOCIATORS OF {" & lab.Properties_.Item("__PATH").Value & "} WHERE AssocClass = Msvm_SnapshotOfVirtualSystem").Count, before + 1
' Refused by its ReturnValue.
Set inputs = wmi.Get("Msvm_ComputerSystem").Methods_.Item("RequestStateChange").InParameters
inputs.RequestedState = 32769
Check "refusal", lab.ExecMethod_("RequestStateChange", inputs).ReturnValue, CLng(32775)

' ---- the other namespace, and another name for this computer ----
For Each row In GetObject("winmgmts:{impersonationLevel=impersonate}!//HV1/root/cimv2").ExecQuery("SELECT * FROM Win32_OperatingSystem")
    Check "BuildNumber", row.BuildNumber, "22631"
Next

' ---- mistakes ----
On Error Resume Next
Err.Clear
Set row = wmi.Get("No_Such_Class")
Check "no class", Hex(Err.Number), "80041002"
Err.Clear
Set row = wmi.Get("Msvm_ComputerSystem.CreationClassName=""Msvm_ComputerSystem"",Name=""nobody""")
Check "no VM", Hex(Err.Number), "80041002"
Err.Clear
Set row = wmi.Get("Msvm_ComputerSystem.")
Check "no path", Hex(Err.Number), "8004103A"
Err.Clear
Set rows = wmi.ExecQuery("SELECT * FROM No_Such_Class", "WQL", 0)
Check "query for no class", Hex(Err.Number), "80041010"
Err.Clear
Set rows = wmi.ExecQuery("SELECT", "WQL", 0)
Check "no query", Hex(Err.Number), "80041017"
Err.Clear
Set rows = wmi.ExecQuery("SELECT * FROM Msvm_ComputerSystem", "SQL", 0)
Check "another language", Hex(Err.Number), "80041018"
Err.Clear
Set row = lab.ExecMethod_("NoSuchMethod")
Check "no method", Hex(Err.Number), "8004102E"
Err.Clear
Set row = CreateObject("WbemScripting.SWbemLocator").ConnectServer(".", "root\nowhere")
Check "no namespace", Hex(Err.Number), "8004100E"
Err.Clear
Set row = CreateObject("WbemScripting.SWbemLocator").ConnectServer("nobody", "root\cimv2")
Check "no computer", Err.Number, CLng(462) ' what VBScript makes of 0x800706BA
Err.Clear
Set row = CreateObject("WbemScripting.SWbemLocator").ConnectServer(".", "root\cimv2", "me", "secret")
Check "another account", Hex(Err.Number), "80041064"

WScript.Echo checks & " checks, " & failures & " failures"
