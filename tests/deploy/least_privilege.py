# SPDX-License-Identifier: MIT
#
# Reads CloudFormation and SAM templates and prints one line for each permission that is wider than
# it has to be; the exit code is 1 then. usage: least_privilege.py FILE...
#
# A line of JUSTIFIED is a resource with a wildcard that cannot be avoided, and the reason.

import sys

import yaml

JUSTIFIED = {
    # osls writes its role before the log groups, and names them by the service.
    "logs": (":log-group:/aws/lambda/phork-prod*:*", ":log-group:/aws/lambda/phork-prod*:*:*"),
    # All files of the bucket, for the one distribution that the condition names.
    "s3:GetObject": ("/*",),
    # Secrets Manager adds six characters to the name of a secret, which only it knows.
    "secretsmanager:GetSecretValue": ("-??????",),
}


class Loader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation's functions: !Ref, !GetAtt, !Sub, ..."""


def read_function(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", read_function)


def as_list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def text_of(value):
    """The literal text in a value, with its functions' arguments: where a star would stand."""
    if isinstance(value, dict):
        return "".join(text_of(part) for part in value.values())
    if isinstance(value, list):
        return "".join(text_of(part) for part in value)
    return str(value)


def is_justified(action, resource):
    endings = JUSTIFIED.get(action) or JUSTIFIED.get(action.split(":")[0], ())
    return any(
        resource.endswith(ending) and not has_wildcard(resource[: -len(ending)])
        for ending in endings
    )


def has_wildcard(resource):
    return "*" in resource or "?" in resource


def findings_of_statement(statement):
    if statement.get("Effect") != "Allow":
        return
    if "NotAction" in statement or "NotResource" in statement:
        yield "allows everything but a list"
    if statement.get("Principal") in ("*", {"AWS": "*"}):
        yield "allows everybody"
    for action in as_list(statement.get("Action")):
        if "*" in action:
            yield f"action {action}"
        for resource in map(text_of, as_list(statement.get("Resource"))):
            if has_wildcard(resource) and not is_justified(action, resource):
                yield f"{action} on {resource}"


def branches_of(value):
    """The values that a condition chooses from, or the value itself."""
    if isinstance(value, dict) and "Fn::If" in value:
        for branch in value["Fn::If"][1:]:
            yield from branches_of(branch)
    else:
        yield from as_list(value)


def policies_of(properties):
    policies = as_list(properties.get("Policies"))
    for policy in (branch for item in policies for branch in branches_of(item)):
        if isinstance(policy, dict) and "PolicyDocument" in policy:
            yield policy["PolicyDocument"]
    for name in ("PolicyDocument", "AssumeRolePolicyDocument"):
        if isinstance(properties.get(name), dict):
            yield properties[name]


def findings_of_resource(kind, properties):
    for document in policies_of(properties):
        for statement in as_list(document.get("Statement")):
            yield from findings_of_statement(statement)
    for managed in as_list(properties.get("ManagedPolicyArns")):
        yield f"managed policy {text_of(managed)}, which allows more than this function needs"
    if kind == "AWS::Serverless::Function":
        if "Role" not in properties:
            yield "no Role: SAM then allows it to write to every log group"
        if "Policies" in properties:
            yield "Policies: write them into its Role"
    if kind == "AWS::Lambda::Permission" and "SourceArn" not in properties:
        yield "no SourceArn: every source of that service may call the function"
    if kind == "AWS::Lambda::Url" and properties.get("AuthType") == "NONE":
        yield "AuthType NONE: everybody may call the function"


def main(files):
    wrong = 0
    for file in files:
        with open(file, encoding="utf-8") as stream:
            template = yaml.load(stream, Loader)
        resources = template["Resources"]
        for name, resource in sorted(resources.items()):
            properties = resource.get("Properties", {})
            for finding in findings_of_resource(resource["Type"], properties):
                print(f"{file}: {name}: {finding}")
                wrong += 1
        print(f"{file}: permissions of {len(resources)} resources read")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
