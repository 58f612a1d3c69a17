<?php
// SPDX-License-Identifier: MIT
//
// Keeps the lists of tests/mutations from rotting: each edit can be made, and its test exists.

declare(strict_types=1);

require_once __DIR__ . '/../mutations/runner/MutationList.php';

final class MutationRule
{
    public function __construct(private readonly string $root)
    {
    }

    /** @return list<string> one line for each violation */
    public function run(): array
    {
        $findings = [];
        foreach (MutationList::read($this->root) as $mutation) {
            $objection = $mutation->objection($this->root);
            if ($objection !== null) {
                $findings[] = "tests/mutations/$mutation->room.php: $objection";
            }
        }
        return $findings;
    }
}
