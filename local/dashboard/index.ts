export type { BatchState, HopState, Notice, PageState, WindowState } from "./page-state";
export { type Dashboard, type DashboardOptions, startDashboard } from "./server";
