<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

/** Kinds of state that live in the same place. A new one is a class and a line in Catalogue. */
interface Family
{
    public function group(): Group;

    /** @return iterable<Kind> in the order they are audited in */
    public function kinds(): iterable;
}
