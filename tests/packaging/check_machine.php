<?php
// SPDX-License-Identifier: MIT
//
// Checks that all programs and libraries below a folder are for one architecture.
// usage: php tests/packaging/check_machine.php amd64|arm64 FOLDER
// https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html (e_ident, e_machine)

declare(strict_types=1);

const MACHINES = ['amd64' => 62, 'arm64' => 183];
const MAGIC = "\x7fELF";
const OFFSET_OF_MACHINE = 18;

[, $architecture, $folder] = $argv + [1 => '', ''];
if (!isset(MACHINES[$architecture]) || !is_dir($folder)) {
    fwrite(STDERR, "check_machine: expected amd64 or arm64 and a folder\n");
    exit(100);
}
$flags = FilesystemIterator::SKIP_DOTS;
$files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, $flags));
$count = 0;
$others = [];
foreach ($files as $path => $file) {
    if ($file->isLink() || !$file->isFile()) {
        continue;
    }
    $head = file_get_contents($path, false, null, 0, OFFSET_OF_MACHINE + 2);
    if (!str_starts_with($head, MAGIC)) {
        continue;
    }
    ++$count;
    if (unpack('v', $head, OFFSET_OF_MACHINE)[1] !== MACHINES[$architecture]) {
        $others[] = substr($path, strlen($folder));
    }
}
foreach ($others as $path) {
    echo "failed: $path is not for $architecture\n";
}
echo $others === [] && $count > 0 ? 'passed' : 'failed';
echo ": $count files of ELF, ", $count - count($others), " of them for $architecture\n";
exit($others === [] && $count > 0 ? 0 : 1);
