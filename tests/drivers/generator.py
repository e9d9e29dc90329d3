# SPDX-License-Identifier: MIT
"""Drivers made at random: folders of the driver store, INF files in every form, values of the registry, files that are
declared, and what a running Windows leaves beside them. What is made is written down as it is made, in "expected" (path in
the guest -> content), "warned" (INF names) and "unfit": nothing here looks for anything."""

import random

from sim_host import ACCELERATOR, GUEST_STORE, MAKERS, STORE, SimHost

GPU_CLASSES = ("SoftwareComponent", "Extension", "Display", None)
OTHER_CLASSES = ("MEDIA", "USB", "System", "Firmware", "HIDClass")
VALUES = ("OpenGLDriverName", "OpenGLDriverNameWow", "VulkanDriverName", "VulkanDriverNameWow", "VulkanImplicitLayers",
          "OpenCLDriverName", "OpenCLDriverNameWow", "LevelZeroDriverPath", "DriverStorePathForComputeRuntime",
          "DriverStorePathForMediaSDK", "MFTDriver", "InstalledDisplayDrivers", "SomethingNew")
TARGETS = {"CopyToVmOverwrite": "Windows/System32", "CopyToVmWhenNewer": "Windows/System32",
           "CopyToVmOverwriteWow64": "Windows/SysWOW64", "CopyToVmWhenNewerWow64": "Windows/SysWOW64"}
UNFIT = ("LONGER~1.DLL", "SHORT~22/b.dll", "LONG~12.dll")
# Windows makes no such files, and Wine cannot look at those that are there.
UNFIT_ON_LINUX = ("nul.dll", "COM1", "aux.x/a.dll", "dot.", " blank.dll", "blank ", "a:b.dll", "what?.dll", "x./c.dll")
LEFT = ("trace.etl", "gpu.log", "x.log.3", "crash.dmp", "half.tmp", "EeuDumps/a.bin", "old.PNF")


class Generated:
    """One driver on a host, and what must become of it."""

    def __init__(self, host, seed):
        self.host, self.seed = host, seed
        self.rng = random.Random(seed)
        self.expected, self.warned = {}, set()
        self.unfit = 0  # names that no package may hold
        self.copies, self.values = {}, {}
        self.names = iter(range(10000))
        self.maker = self.rng.choice(list(MAKERS))
        self.version = f"{self.rng.randrange(20, 40)}.0.{self.rng.randrange(100, 30000)}.{self.rng.randrange(1000, 9999)}"
        self.day = (self.rng.randrange(1, 13), self.rng.randrange(1, 29), self.rng.randrange(2018, 2027))
        self.main = self.folder_name("disp")
        self.files = {}  # folder -> its files, by their paths in it
        self.copy_infs, self.lines = [], {}
        self.fill(self.main, deep=True)
        self.companions()
        self.inf(self.main, self.version, "Display", self.lines.get(self.main, []))
        self.declarations()
        self.device = host.gpu(f"GPU {seed}", self.maker, self.main, self.user_mode(), version=self.version,
                               date="{}-{}-{}".format(*self.day), values=self.values, copies=self.copies)

    # ---- folders and files ----

    def folder_name(self, stem, architecture="amd64"):
        return f"{stem}{self.seed}.inf_{architecture}_{self.rng.getrandbits(64):016x}"

    def fill(self, folder, deep=False, taken=True):
        base = f"B{self.rng.randrange(1000, 9999)}/" if deep and self.rng.random() < 0.5 else ""
        self.files[folder] = []
        is_windows = self.host.hyperpoint.is_windows
        for _ in range(self.rng.randrange(1, 5)):
            place = f"{base}{self.rng.choice(['', '', 'sub/', 'sub/er/'])}"
            has_twin = not is_windows and self.rng.random() < 0.1
            name = f"{place}{'F' if has_twin else 'f'}{self.seed}_{next(self.names)}.dll"
            if has_twin:  # the same file again, in small letters
                twin = f"{place}{name[len(place):].lower()}"
                self.host.write(f"Windows/System32/DriverStore/FileRepository/{folder}/{twin}", f"MZ {folder} {name}")
            self.files[folder].append(name)
            self.host.package(folder, [name])
            if taken:
                self.expected[f"{GUEST_STORE}/{folder}/{name}"] = f"MZ {folder} {name}".encode()
        for name in self.rng.sample(LEFT, self.rng.randrange(3)):
            self.host.package(folder, [name])
        if taken and self.rng.random() < 0.3:
            names = self.rng.sample(UNFIT if is_windows else UNFIT + UNFIT_ON_LINUX, 2)
            self.host.package(folder, names)
            self.unfit += len(names)

    def take(self, folder):
        """The folder is a part of the driver after all."""
        for name in self.files[folder]:
            self.expected[f"{GUEST_STORE}/{folder}/{name}"] = f"MZ {folder} {name}".encode()

    # ---- INF files ----

    def inf(self, folder, version, setup_class, lines, taken=True):
        month, day, year = self.day
        date = self.rng.choice([f"{month:02}/{day:02}/{year}", f"{month}/{day}/{year}", f"{month:02}-{day:02}-{year}"])
        number = self.rng.choice([version, version.replace(".0.", ".00."), f'"{version}"'])
        text = ["; made up", "[Version]", 'Signature = "$Windows NT$" ; signed',
                f"DriverVer{self.rng.choice(['=', ' = ', ' =  '])}{date}{self.rng.choice([',', ' , '])}{number}"]
        if setup_class is not None:
            text.append(self.rng.choice([f"Class={setup_class}", f'CLASS = "{setup_class}" ; its class']))
        text += ["", *lines]
        encoding = self.rng.choice(["utf-8", "utf-8-sig", "utf-16", "latin-1", "utf-16-be"])
        data = self.rng.choice(["\r\n", "\n"]).join(text).encode(encoding)
        data = b"\xfe\xff" + data if encoding == "utf-16-be" else data
        name = folder[:folder.index(".inf_")] + ".inf"
        self.host.write(f"Windows/System32/DriverStore/FileRepository/{folder}/{name}", data)
        if taken:
            self.expected[f"{GUEST_STORE}/{folder}/{name}"] = data

    def copy_lines(self, names):
        """CopyINF of these, in one of the forms that an INF may have; in one section or several."""
        lines, strings = [], []
        for name in names:
            form = self.rng.randrange(5)
            if form == 0:
                text = name
            elif form == 1:
                text = f".\\some folder\\{name}"
            elif form == 2:
                text = f'".\\{name}"'
            elif form == 3:
                key = f"Inf{len(strings)}"
                strings.append(f'{key} = "{name}"' if self.rng.random() < 0.5 else f"{key}={name} ; its name")
                text = f"%{key}%"
            else:
                text = f"./x/y/{name}"
            lines.append(text)
        sections = [f"[Install{index}{self.rng.choice(['', '.NT', '.NTamd64', '.ntamd64.10.0...16299'])}]"
                    for index in range(3)]
        text = ["[Install.NTarm64]", f"CopyINF = nothing{self.seed}.inf"]
        while lines:
            count = self.rng.randrange(1, len(lines) + 1)
            now, lines = lines[:count], lines[count:]
            text += [self.rng.choice(sections), self.rng.choice(["CopyINF = ", "copyinf=", "CopyINF\t=\t"]) +
                     self.rng.choice([", ", ",", ", \\\n   "]).join(now) + self.rng.choice(["", " ; these", ","])]
        return text + ["[Strings]", *strings]

    # ---- companions ----

    def companions(self):
        named = []
        for number in range(self.rng.randrange(5)):
            setup_class = self.rng.choice(GPU_CLASSES if self.rng.random() < 0.7 else OTHER_CLASSES)
            version = self.version if self.rng.random() < 0.7 else "1.2.3.4"
            is_named, is_pointed = self.rng.random() < 0.7, self.rng.random() < 0.5
            folder = self.folder_name(f"part{number}x", self.rng.choice(["amd64"] * 5 + ["x86"]))
            is_for_gpu = setup_class in GPU_CLASSES
            is_of_version = version == self.version and "_amd64_" in folder
            is_taken = is_pointed or (is_named and is_for_gpu and is_of_version)
            self.fill(folder, taken=is_taken)
            self.inf(folder, version, setup_class, [], taken=is_taken)
            if is_pointed:
                self.point_to(folder)
            if is_named:
                named.append(folder[:folder.index(".inf_")] + ".inf")
                if is_for_gpu and not is_taken and "_amd64_" in folder:
                    self.warned.add(named[-1])
        if self.rng.random() < 0.3:
            named.append(f"gone{self.seed}.inf")  # nobody knows what it was
        self.lines[self.main] = self.copy_lines(named)

    def path_form(self, path):
        """A full path in one of the forms that values have."""
        rest = path[len("C:\\Windows\\"):]
        return self.rng.choice([path, path.lower(), f'"{path}"', path.replace("\\", "/"), f"%SystemRoot%\\{rest}",
                                f"%windir%/{rest}", f"\\SystemRoot\\{rest}", f"\\??\\{path}", f"\\\\?\\{path}",
                                f"  {path} ", path.replace("\\System32\\", "\\.\\System32\\\\"),
                                path.replace("\\System32\\", "\\Temp\\..\\System32\\"), rest, rest.lower(),
                                f"@{path}", f"'{path}'", f"\\Device\\HarddiskVolume3\\Windows\\{rest}",
                                f"\\\\HOST\\C$\\Windows\\{rest}", f"\\\\?\\GLOBALROOT\\SystemRoot\\{rest}",
                                f"\\??\\UNC\\host\\c$\\Windows\\{rest}", f"\\GLOBAL??\\{path}"])

    def point_to(self, folder):
        free = [name for name in VALUES if name not in self.values]
        if not free:
            free = [f"Other{len(self.values)}"]
        name = self.rng.choice(self.files[folder])
        full = STORE + folder + "\\" + name.replace("/", "\\")
        path = self.path_form(full)
        forms = [path, [path], {"expand": path}, ["", "<>", path], [f"{path},{path}"], f"{path};{path}",
                 f"{path}|{path}", f"rundll32.exe {full},Entry", f"x={path}", f"{path},-100"]
        self.values[self.rng.choice(free)] = self.rng.choice(forms)

    def user_mode(self):
        path = STORE + self.main + "\\" + self.files[self.main][0].replace("/", "\\")
        return ["<>", self.path_form(path), path]

    # ---- declared files ----

    def declare(self, subkey, source, target, content):
        name = target or source.replace("/", "\\").rsplit("\\")[-1].strip('"')
        path = f"{TARGETS[subkey]}/{name}"
        if target is None and source.startswith(("C:\\Windows\\System32\\w", "C:\\Windows\\SysWOW64\\w")):
            path = source[len("C:\\"):].replace("\\", "/")  # a file of Windows' folders: the same place
        if path in self.expected:
            return
        self.expected[path] = content
        value = [source, target] if target else self.rng.choice([source, [source], {"expand": source}])
        self.copies.setdefault(subkey, {})[f"v{next(self.names)}"] = value

    def declarations(self):
        """Files of the driver's own folder, of others that are taken, and of the host's System32."""
        for _ in range(self.rng.randrange(6)):
            subkey = self.rng.choice(list(TARGETS))
            target = f"t{self.seed}_{next(self.names)}.dll" if self.rng.random() < 0.4 else None
            taken = [folder for folder, names in self.files.items() if f"{GUEST_STORE}/{folder}/{names[0]}" in self.expected]
            folder = self.rng.choice(taken)
            name = self.rng.choice(self.files[folder])
            content = self.expected[f"{GUEST_STORE}/{folder}/{name}"]
            windows = name.replace("/", "\\")
            if self.rng.random() < 0.2:
                folder, content = None, f"own {self.seed}".encode()
                windows = f"{self.rng.choice(['System32', 'SysWOW64'])}\\w{self.seed}_{next(self.names)}.dll"
                self.host.write("Windows/" + windows, content)
                source = f"C:\\Windows\\{windows}"
            elif folder == self.main:
                source = self.rng.choice([windows, name, f".\\{windows}", f'"{windows}"', STORE + folder + "\\" + windows])
            else:
                source = self.rng.choice([f"B1\\{windows}", windows.rsplit("\\")[-1], STORE + folder + "\\" + windows])
            self.declare(subkey, source, target, content)


def make_host(hyperpoint, folder, seeds):
    """A host with a driver for each seed, and files of Windows that are nobody's business."""
    host = SimHost(hyperpoint, folder)
    for name in ("System32/kernel32.dll", "System32/drivers/x.sys", "SysWOW64/user32.dll", "explorer.exe"):
        host.write("Windows/" + name)
    host.package("audio.inf_amd64_0000000000000000", ["audio.sys"])
    drivers = [Generated(host, seed) for seed in seeds]
    host.gpu("NPU without a driver", "INTEL", setup_class=ACCELERATOR)
    host.save()
    return host, drivers
