<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

/** Kinds of state in the same place. To add a family, write a class and a line in Catalogue. */
interface Family
{
    public function group(): Group;

    /** @return iterable<Kind> in the order of the audit */
    public function kinds(): iterable;
}
