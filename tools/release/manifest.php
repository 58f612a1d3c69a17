<?php
// SPDX-License-Identifier: MIT
//
// The manifest of an image, as `phork package --manifest` writes it of a layer: each file with its
// size, sum, mode, and the Debian package that it is of.
// usage: php tools/release/manifest.php ROOT [FACT=VALUE...] >MANIFEST
// ROOT has dpkg's database, which deploy/image/make-root has written.

declare(strict_types=1);

/** @return array<string, string> versions by the names of packages */
function versions(string $root): array
{
    $status = file_get_contents("$root/var/lib/dpkg/status");
    preg_match_all('/^Package: (\S+)$.*?^Version: (\S+)$/ms', $status, $found);
    return array_combine($found[1], $found[2]);
}

/** Where a path leads when the folders above it are followed, which Debian's merged /usr moves. */
function settled(string $root, string $path): string
{
    $folder = realpath($root . dirname($path));
    if ($folder === false || !str_starts_with("$folder/", "$root/")) {
        return $path;
    }
    return substr($folder, strlen($root)) . '/' . basename($path);
}

/** @return array<string, string> packages by the paths of their files */
function owners(string $root, array $names): array
{
    $owners = [];
    foreach ($names as $name) {
        foreach (file("$root/var/lib/dpkg/info/$name.list", FILE_IGNORE_NEW_LINES) as $path) {
            if (!str_ends_with($path, '/')) {
                $owners[settled($root, $path)] ??= $name;
            }
        }
    }
    return $owners;
}

/** A group of packages, for reports of sizes: PHP's are one, and so are those of a source. */
function component(?string $package): string
{
    return match (true) {
        $package === null => 'made for the image',
        (bool) preg_match('/^(lib)?php\d/', $package) => 'php',
        default => $package,
    };
}

/** @return array<string, mixed> */
function entry(string $root, string $path, ?string $package, ?string $version): array
{
    $file = $root . $path;
    $entry = ['path' => $path];
    if (is_link($file)) {
        $entry['link'] = readlink($file);
    } else {
        $entry['bytes'] = filesize($file);
        $entry['sha256'] = hash_file('sha256', $file);
        $entry['mode'] = sprintf('%04o', fileperms($file) & 07777);
    }
    $entry['component'] = component($package);
    if ($package !== null) {
        $entry += ['source' => $path, 'package' => $package, 'version' => $version];
    }
    return $entry;
}

$root = realpath($argv[1] ?? '');
if ($root === false || !is_file("$root/var/lib/dpkg/status")) {
    fwrite(STDERR, "manifest: read ROOT: expected the root of an image with dpkg's database\n");
    exit(100);
}
$manifest = [];
foreach (array_slice($argv, 2) as $fact) {
    [$name, $value] = explode('=', $fact, 2);
    $manifest[$name] = $value;
}
$versions = versions($root);
$owners = owners($root, array_keys($versions));
$paths = [];
$folders = new RecursiveDirectoryIterator($root, FilesystemIterator::SKIP_DOTS);
foreach (new RecursiveIteratorIterator($folders) as $file) {
    $paths[] = substr($file->getPathname(), strlen($root));
}
sort($paths, SORT_STRING);
foreach ($paths as $path) {
    $package = $owners[$path] ?? null;
    $manifest['files'][] = entry($root, $path, $package, $versions[$package] ?? null);
}
echo json_encode($manifest, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR), "\n";
