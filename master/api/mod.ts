// Requests in, replies out: changes and streams.
export { startApiService } from "./api-service.ts";
