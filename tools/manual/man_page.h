// SPDX-License-Identifier: MIT
//
// A manual page in the macros of man(7).
#pragma once

#include <string>
#include <vector>

#include "tools/manual/command.h"

namespace phork::manual {

struct Section {
  std::string title;  // "EXIT STATUS"
  std::string text;   // paragraphs
};

// The parts of a page that a command's tree does not hold.
struct PageFrame {
  std::string name;                   // of the page, "phork-serve"
  std::string section;                // "1"
  std::string release;                // "phork 0.1.0"
  std::vector<Section> sections;      // before SEE ALSO
  std::vector<std::string> see_also;  // "phork-invoke(1)"
};

std::string man_page(const Command& command, const PageFrame& frame);

}  // namespace phork::manual
