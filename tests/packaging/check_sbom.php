<?php
// SPDX-License-Identifier: MIT
//
// Checks a bill of materials against a JSON schema of SPDX 2.3, and what no schema holds: that each
// reference leads somewhere, and that each licence is an expression of SPDX.
// usage: php tests/packaging/check_sbom.php SBOM [SCHEMA]
// The schema: https://github.com/spdx/spdx-spec/blob/v2.3/schemas/spdx-schema.json

declare(strict_types=1);

require 'Composer/Spdx/autoload.php';
require 'JsonSchema/autoload.php';

/** @return list<string> */
function schema_findings(string $file, string $schema): array
{
    $validator = new JsonSchema\Validator();
    $document = json_decode(file_get_contents($file), false, 64, JSON_THROW_ON_ERROR);
    $validator->validate($document, (object) ['$ref' => 'file://' . realpath($schema)]);
    return array_map(static fn (array $error): string => "$error[property]: $error[message]",
        $validator->getErrors());
}

/** @return list<string> */
function findings(array $sbom): array
{
    $findings = [];
    $ids = array_merge(['SPDXRef-DOCUMENT'], array_column($sbom['packages'], 'SPDXID'));
    $references = array_column($sbom['hasExtractedLicensingInfos'], 'extractedText', 'licenseId');
    $spdx = new Composer\Spdx\SpdxLicenses();
    foreach ($sbom['relationships'] as $relationship) {
        foreach (['spdxElementId', 'relatedSpdxElement'] as $end) {
            if (!in_array($relationship[$end], $ids, true)) {
                $findings[] = "relationship: '$relationship[$end]' is no element";
            }
        }
    }
    foreach ($sbom['packages'] as ['name' => $name, 'licenseDeclared' => $licence]) {
        // Only a person can say what an image as a whole is licensed under.
        if ($licence === 'NOASSERTION' ? $name !== $sbom['name'] : !$spdx->validate($licence)) {
            $findings[] = "package $name: '$licence' is no expression of SPDX";
        }
        preg_match_all('/LicenseRef-[A-Za-z0-9.-]+/', $licence, $used);
        foreach ($used[0] as $reference) {
            if (($references[$reference] ?? '') === '') {
                $findings[] = "package $name: '$reference' has no text";
            }
        }
    }
    if (count($ids) !== count(array_unique($ids)) || count($ids) < 3) {
        $findings[] = 'packages: expected more than one, each with a name of its own';
    }
    return $findings;
}

$sbom = json_decode(file_get_contents($argv[1]), true, 64, JSON_THROW_ON_ERROR);
$findings = findings($sbom);
if (isset($argv[2])) {
    array_push($findings, ...schema_findings($argv[1], $argv[2]));
}
foreach ($findings as $finding) {
    echo "sbom: $finding\n";
}
$name = basename($argv[1]);
printf("%s: %d packages, %d findings\n", $name, count($sbom['packages']), count($findings));
exit($findings === [] ? 0 : 1);
