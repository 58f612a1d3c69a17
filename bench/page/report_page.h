// SPDX-License-Identifier: MIT
//
// The files beside this one, in the program: the template of the page, whose {{names}} are filled
// in, and its style.
#pragma once

#include <string_view>

namespace phork::bench {

extern const std::string_view kReportHtml;
extern const std::string_view kReportCss;

}  // namespace phork::bench
