<?php
// SPDX-License-Identifier: MIT
//
// One kind of state that a PHP process can hold. `look` returns the state as a small JSON value and
// changes nothing; `plant` changes the state to an unusual value that does no harm to later events.
// Both run in the event that asks. A kind that this PHP cannot have names what is missing.

declare(strict_types=1);

namespace Phork\Audit;

use Closure;

final readonly class Kind
{
    /**
     * @param string $name kebab-case, unique among all kinds
     * @param string $missing why this PHP cannot have the kind; '' when it can
     * @param ?Channel $channel set when events share the state on purpose
     * @param ?KeptByFpm $keptByFpm set when the state is known to survive under fpm
     */
    public function __construct(
        public string $name,
        public string $title,
        private Closure $look,
        private Closure $plant,
        public string $missing = '',
        public ?Channel $channel = null,
        public ?KeptByFpm $keptByFpm = null,
    ) {
    }

    /** A kind that no event can look at or change, for the reason given. */
    public static function unavailable(string $name, string $title, string $missing): self
    {
        return new self($name, $title, static fn () => null, static fn () => null, $missing);
    }

    public function look(): mixed
    {
        return ($this->look)();
    }

    public function plant(): void
    {
        ($this->plant)();
    }

    /**
     * The fields that the auditor reads (audit/probe_protocol.h).
     * @return array<string, string|bool|list<string>>
     */
    public function describe(Group $group): array
    {
        return [
            'name' => $this->name,
            'group' => $group->value,
            'title' => $this->title,
            'available' => $this->missing === '',
            'reason' => $this->missing,
            'channel' => $this->channel?->value ?? '',
            'kept_by' => $this->keptByFpm === null ? [] : ['fpm'],
            'policy' => $this->channel?->policy() ?? $this->keptByFpm?->policy() ?? '',
        ];
    }
}
