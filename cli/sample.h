// SPDX-License-Identifier: MIT
//
// The samples of events, one JSON file each, in the folder `samples` beside this program.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace phork::cli {

// Sorted. kSystem when the folder cannot be read.
base::Result<std::vector<std::string>> sample_names();

// The event of the sample `name`. kInvalid names the samples when it is none of them.
base::Result<std::string> read_sample(const std::string& name);

// Changes fields of the JSON text `event`. A change is PATH=VALUE, and a path is the names of
// fields and the numbers of list items with a dot between them: "Records.0.body=a". The number
// behind the last item adds a copy of that item. VALUE is the new text where the field has text,
// else JSON; for a field that is new it is JSON if it can be. kInvalid names the fields that there
// are when the path leads to none.
base::Result<std::string> change_event(const std::string& event,
                                       const std::vector<std::string>& changes);

}  // namespace phork::cli
