<?php
// SPDX-License-Identifier: MIT
//
// Prints the bill of materials of an image or a layer as SPDX 2.3: the Debian packages that its
// manifest names, with versions, sources and licences. https://spdx.github.io/spdx-spec/v2.3/
// usage: php tools/release/sbom.php NAME ROOT SECONDS-SINCE-1970 <MANIFEST >SBOM
// NAME: of the image or the layer.
// ROOT: where the packages of the manifest are installed, with dpkg's database and copyright files.

declare(strict_types=1);

require 'Composer/Spdx/autoload.php';
require __DIR__ . '/Copyright.php';

const NONE = 'NOASSERTION';
const PHORK = ['supplier' => 'Organization: phork'];
// Copyright files are in any encoding.
const FORM = JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE
    | JSON_THROW_ON_ERROR;

/** @return array<string, array<string, string>> fields of dpkg's database by package */
function installed(string $root): array
{
    $packages = [];
    foreach (explode("\n\n", file_get_contents("$root/var/lib/dpkg/status")) as $paragraph) {
        preg_match_all('/^([A-Z][A-Za-z-]+): (.*)$/m', $paragraph, $fields);
        $fields = array_combine($fields[1], $fields[2]);
        if (isset($fields['Package'])) {
            $packages[$fields['Package']] = $fields;
        }
    }
    return $packages;
}

function spdx_id(string $name): string
{
    return 'SPDXRef-' . preg_replace('/[^A-Za-z0-9.-]+/', '-', $name);
}

/** @return array<string, mixed> */
function package(string $name, string $version, string $licence, array $more): array
{
    return ['SPDXID' => spdx_id("Package-$name"), 'name' => $name, 'versionInfo' => $version,
        'downloadLocation' => NONE, 'filesAnalyzed' => false, 'licenseConcluded' => NONE,
        'licenseDeclared' => $licence, 'copyrightText' => NONE] + $more;
}

/** A package of Debian; https://github.com/package-url/purl-spec names it. */
function debian_package(string $name, array $fields, string $licence): array
{
    $source = preg_replace('/ \((.*)\)/', ' $1', $fields['Source'] ?? "$name $fields[Version]");
    $url = sprintf('pkg:deb/debian/%s@%s?arch=%s', rawurlencode($name),
        rawurlencode($fields['Version']), $fields['Architecture']);
    return package($name, $fields['Version'], $licence, [
        'supplier' => 'Organization: Debian',
        'sourceInfo' => "built from the source package $source",
        'externalRefs' => [['referenceCategory' => 'PACKAGE-MANAGER', 'referenceType' => 'purl',
            'referenceLocator' => $url]],
    ]);
}

[, $artifact, $root, $time] = $argv + [1 => null, null, null];
if ($time === null) {
    fwrite(STDERR, "sbom: expected NAME, ROOT, a time, and a manifest in stdin\n");
    exit(100);
}
$text = stream_get_contents(STDIN);
$manifest = json_decode($text, true, 16, JSON_THROW_ON_ERROR);
$installed = installed($root);
$copyright = new Copyright(new Composer\Spdx\SpdxLicenses());
$names = array_filter(array_unique(array_column($manifest['files'], 'package')));
sort($names);

$packages = [package($artifact, $manifest['phork'], NONE, [])];
foreach ($names as $name) {
    $file = "$root/usr/share/doc/$name/copyright";
    if (!isset($installed[$name]) || !is_file($file)) {
        fwrite(STDERR, "sbom: read '$file': package $name of the manifest is not in ROOT\n");
        exit(1);
    }
    $licence = $copyright->expression($name, file_get_contents($file));
    $packages[] = $name === 'phork'
        ? package($name, $installed[$name]['Version'], $licence, PHORK)
        : debian_package($name, $installed[$name], $licence);
}
if (!in_array('phork', $names, true)) {
    $packages[] = package('phork', $manifest['phork'], 'MIT', PHORK);
}

$relationships = [['spdxElementId' => 'SPDXRef-DOCUMENT', 'relationshipType' => 'DESCRIBES',
    'relatedSpdxElement' => $packages[0]['SPDXID']]];
foreach (array_slice($packages, 1) as $package) {
    $relationships[] = ['spdxElementId' => $packages[0]['SPDXID'], 'relationshipType' => 'CONTAINS',
        'relatedSpdxElement' => $package['SPDXID']];
}
$texts = $copyright->references;
ksort($texts);
$references = [];
foreach ($texts as $id => $text) {
    $references[] = ['licenseId' => $id, 'extractedText' => $text];
}
echo json_encode([
    'spdxVersion' => 'SPDX-2.3',
    'dataLicense' => 'CC0-1.0',
    'SPDXID' => 'SPDXRef-DOCUMENT',
    'name' => $artifact,
    'documentNamespace' => "https://spdx.org/spdxdocs/$artifact-" . hash('sha256', $text),
    'creationInfo' => ['created' => gmdate('Y-m-d\TH:i:s\Z', (int) $time),
        'creators' => ["Tool: phork-$manifest[phork]"]],
    'packages' => $packages,
    'hasExtractedLicensingInfos' => $references,
    'relationships' => $relationships,
], FORM), "\n";
