import { companion, either, is, isNot, type Policy, valueAt } from "../policy";
import { isClosed, rule } from "./rule";

const _storage = ["azurerm_storage_account"];
const functions = ["azurerm_function_app_flex_consumption", "azurerm_linux_function_app"];
const plan = ["azurerm_service_plan"];
const learning = ["azurerm_machine_learning_workspace"];

/** Rules of what runs code, of networks and of what people look at. */
export const computeRules: readonly Policy[] = [
  rule("CKV_AZURE_70", functions, "function apps answer over HTTPS only", is("https_only", true)),
  rule("CKV_AZURE_221", functions, "function apps have no public network access", isClosed),
  rule(
    "CKV_AZURE_211",
    plan,
    "plans have a size for production",
    ({ args }) => !/^(F1|D1|B\d|SHARED)$/i.test(String(args["sku_name"])),
  ),
  rule("CKV_AZURE_212", plan, "plans have workers for a failover", ({ args }) => {
    const workers = args["worker_count"];
    return args["sku_name"] === "FC1" || (typeof workers === "number" && workers > 1);
  }),
  rule("CKV_AZURE_225", plan, "plans stand in several zones", is("zone_balancing_enabled", true)),
  rule("CKV_AZURE_144", learning, "machine learning workspaces have no public network access", isClosed),
  rule(
    "CKV_AZURE_142",
    ["azurerm_machine_learning_compute_cluster"],
    "compute clusters refuse local users",
    is("local_auth_enabled", false),
  ),
  rule(
    "CKV2_AZURE_49",
    learning,
    "machine learning workspaces are closed",
    isNot("public_network_access_enabled", true),
  ),
  rule(
    "CKV2_AZURE_31",
    ["azurerm_subnet"],
    "subnets have a security group",
    companion("azurerm_subnet_network_security_group_association", "subnet_id"),
  ),
  rule(
    "CKV_AZURE_182",
    ["azurerm_virtual_network"],
    "networks have two DNS servers of their own",
    ({ args }) => {
      const servers = valueAt(args, "dns_servers");
      return Array.isArray(servers) ? servers.length > 1 : false;
    },
  ),
  rule("CKV_AZURE_183", ["azurerm_virtual_network"], "networks use DNS servers inside them", ({ args }) => {
    const servers = valueAt(args, "dns_servers");
    return Array.isArray(servers) && servers.every((server) => /^10\./.test(String(server)));
  }),
  rule(
    "LOCAL_AUTH_LOGS",
    ["azurerm_log_analytics_workspace"],
    "log workspaces refuse keys",
    is("local_authentication_enabled", false),
  ),
  rule(
    "LOCAL_AUTH_INSIGHTS",
    ["azurerm_application_insights"],
    "Application Insights refuses keys",
    either(is("local_authentication_disabled", true), is("local_authentication_enabled", false)),
  ),
  rule("PUBLIC_GRAFANA", ["azurerm_dashboard_grafana"], "Grafana has no public network access", isClosed),
  rule(
    "KEYS_GRAFANA",
    ["azurerm_dashboard_grafana"],
    "Grafana has no API keys",
    isNot("api_key_enabled", true),
  ),
  rule(
    "JOB_STORAGE_IDENTITY",
    ["azurerm_stream_analytics_job"],
    "jobs reach their storage by identity",
    either(
      is("content_storage_policy", "SystemAccount"),
      is("job_storage_account.authentication_mode", "Msi"),
    ),
  ),
];
