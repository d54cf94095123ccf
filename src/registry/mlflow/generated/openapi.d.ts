// Generated from ../openapi.yaml by `npm run generate`: do not edit.

export interface paths {
    "/api/2.0/mlflow/experiments/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Experiments by filter; without view_type those that were not deleted */
        post: operations["searchExperiments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/experiments/get-by-name": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One experiment, also a deleted one */
        get: operations["getExperimentByName"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/experiments/create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** RESOURCE_ALREADY_EXISTS when the name is taken */
        post: operations["createExperiment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/experiments/set-experiment-tag": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets one tag */
        post: operations["setExperimentTag"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/runs/create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A run in state RUNNING */
        post: operations["createRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/runs/get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run, also a deleted one */
        get: operations["getRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/runs/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Runs by filter; without run_view_type those that were not deleted */
        post: operations["searchRuns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/runs/update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Status and end of a run */
        post: operations["updateRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/runs/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Marks a run as deleted */
        post: operations["deleteRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/runs/log-parameter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A param is written once; another value for it is refused, also when two calls come at once. */
        post: operations["logParam"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/runs/log-batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** At most 1000 metrics, 100 params and 100 tags, 1000 in all, 1 MB. A body that protobuf cannot parse is answered 200 and lost in part. */
        post: operations["logBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/runs/log-inputs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Datasets that went into a run */
        post: operations["logInputs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/runs/outputs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logged models that came out of a run; the same model again is a 400 BAD_REQUEST */
        post: operations["logOutputs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/metrics/get-history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every value of a metric; nothing for a run that is not there */
        get: operations["getMetricHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/artifacts/list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One folder of a run's artifacts; paths are relative to its root */
        get: operations["listArtifacts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/registered-models/create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** RESOURCE_ALREADY_EXISTS when the name is taken */
        post: operations["createRegisteredModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/registered-models/get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A model with tags and aliases */
        get: operations["getRegisteredModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/registered-models/set-tag": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets one tag */
        post: operations["setRegisteredModelTag"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/registered-models/alias": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Points an alias at a version, whatever it named before */
        post: operations["setAlias"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/model-versions/create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The next version number; a number is never given twice */
        post: operations["createModelVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/model-versions/get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version */
        get: operations["getModelVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/model-versions/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Versions by filter, without deleted ones */
        get: operations["searchModelVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/model-versions/set-tag": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets one tag */
        post: operations["setModelVersionTag"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/model-versions/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Marks a version as deleted */
        delete: operations["deleteModelVersion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/logged-models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A logged model in state LOGGED_MODEL_PENDING */
        post: operations["createLoggedModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/logged-models/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logged models by filter */
        post: operations["searchLoggedModels"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow/logged-models/{model_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Ends the state LOGGED_MODEL_PENDING */
        patch: operations["finalizeLoggedModel"];
        trace?: never;
    };
    "/api/2.0/mlflow-artifacts/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One folder of the artifact store; paths are relative to that folder */
        get: operations["listStoredFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/2.0/mlflow-artifacts/artifacts/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The raw file */
        get: operations["getStoredFile"];
        /** Stores the raw body. `path` keeps its slashes, each part is percent-encoded. */
        put: operations["putStoredFile"];
        post?: never;
        /** Removes a file or a folder; nothing there is fine */
        delete: operations["deleteStoredFile"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Other keys (sqlstate, error_class) come and go between releases. */
        Error: {
            error_code: string;
            message: string;
        };
        Tag: {
            key: string;
            /** @description Absent when empty on some stores. */
            value?: string;
        };
        Param: {
            key: string;
            value?: string;
        };
        /** @description NaN, Infinity and -Infinity come as strings. */
        MetricValue: number | ("NaN" | "Infinity" | "-Infinity");
        Metric: {
            key: string;
            value: components["schemas"]["MetricValue"];
            /** @description Milliseconds. */
            timestamp: number;
            step?: number;
        };
        Experiment: {
            experiment_id: string;
            name: string;
            artifact_location?: string;
            /** @enum {string} */
            lifecycle_stage: "active" | "deleted";
            tags?: components["schemas"]["Tag"][];
        };
        RunInfo: {
            run_id: string;
            run_name?: string;
            experiment_id: string;
            user_id?: string;
            /** @enum {string} */
            status?: "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";
            start_time?: number;
            end_time?: number;
            artifact_uri?: string;
            /** @enum {string} */
            lifecycle_stage?: "active" | "deleted";
        };
        RunData: {
            metrics?: components["schemas"]["Metric"][];
            params?: components["schemas"]["Param"][];
            tags?: components["schemas"]["Tag"][];
        };
        Dataset: {
            name: string;
            digest: string;
            source_type: string;
            source: string;
            schema?: string;
            profile?: string;
        };
        DatasetInput: {
            tags?: components["schemas"]["Tag"][];
            dataset: components["schemas"]["Dataset"];
        };
        ModelOutput: {
            model_id: string;
            step?: number;
        };
        Run: {
            info: components["schemas"]["RunInfo"];
            data?: components["schemas"]["RunData"];
            inputs?: {
                dataset_inputs?: components["schemas"]["DatasetInput"][];
            };
            outputs?: {
                model_outputs?: components["schemas"]["ModelOutput"][];
            };
        };
        RegisteredModel: {
            name: string;
            creation_timestamp?: number;
            last_updated_timestamp?: number;
            description?: string;
            tags?: components["schemas"]["Tag"][];
            aliases?: {
                alias: string;
                /** @description A decimal number. */
                version: string;
            }[];
            latest_versions?: components["schemas"]["ModelVersion"][];
        };
        ModelVersion: {
            name: string;
            /** @description A decimal number. */
            version: string;
            creation_timestamp?: number;
            last_updated_timestamp?: number;
            description?: string;
            source?: string;
            run_id?: string;
            status?: string;
            tags?: components["schemas"]["Tag"][];
        };
        LoggedModel: {
            info: {
                model_id: string;
                experiment_id: string;
                name?: string;
                artifact_uri: string;
                status?: string;
                source_run_id?: string;
                tags?: components["schemas"]["Tag"][];
            };
        };
        FileInfo: {
            path: string;
            is_dir?: boolean;
            file_size?: number;
        };
        Empty: Record<string, never>;
    };
    responses: {
        /** @description MLflow says no: error_code is e.g. RESOURCE_DOES_NOT_EXIST or INVALID_PARAMETER_VALUE */
        Refused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    searchExperiments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    max_results: number;
                    filter?: string;
                    /** @enum {string} */
                    view_type?: "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";
                    page_token?: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        experiments?: components["schemas"]["Experiment"][];
                        /** @description Absent on the last page. */
                        next_page_token?: string;
                    };
                };
            };
            400: components["responses"]["Refused"];
        };
    };
    getExperimentByName: {
        parameters: {
            query: {
                experiment_name: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        experiment: components["schemas"]["Experiment"];
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    createExperiment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    tags?: components["schemas"]["Tag"][];
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        experiment_id: string;
                    };
                };
            };
            400: components["responses"]["Refused"];
        };
    };
    setExperimentTag: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    experiment_id: string;
                    key: string;
                    value: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    createRun: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    experiment_id: string;
                    run_name?: string;
                    user_id?: string;
                    start_time?: number;
                    tags?: components["schemas"]["Tag"][];
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run: components["schemas"]["Run"];
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    getRun: {
        parameters: {
            query: {
                run_id: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run: components["schemas"]["Run"];
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    searchRuns: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    experiment_ids: string[];
                    filter?: string;
                    max_results?: number;
                    order_by?: string[];
                    /** @enum {string} */
                    run_view_type?: "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";
                    page_token?: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        runs?: components["schemas"]["Run"][];
                        /** @description Absent on the last page. */
                        next_page_token?: string;
                    };
                };
            };
            400: components["responses"]["Refused"];
        };
    };
    updateRun: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    run_id: string;
                    status?: string;
                    end_time?: number;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run_info: components["schemas"]["RunInfo"];
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    deleteRun: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    run_id: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    logParam: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    run_id: string;
                    key: string;
                    value: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    logBatch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    run_id: string;
                    metrics?: {
                        key: string;
                        value: number;
                        timestamp: number;
                        step: number;
                    }[];
                    params?: {
                        key: string;
                        value: string;
                    }[];
                    tags?: {
                        key: string;
                        value: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    logInputs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    run_id: string;
                    datasets?: components["schemas"]["DatasetInput"][];
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    logOutputs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    run_id: string;
                    models: {
                        model_id: string;
                        step: number;
                    }[];
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    getMetricHistory: {
        parameters: {
            query: {
                run_id: string;
                metric_key: string;
                max_results?: number;
                page_token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        metrics?: components["schemas"]["Metric"][];
                        /** @description Absent on the last page. */
                        next_page_token?: string;
                    };
                };
            };
            400: components["responses"]["Refused"];
        };
    };
    listArtifacts: {
        parameters: {
            query: {
                run_id: string;
                path?: string;
                page_token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        root_uri?: string;
                        files?: components["schemas"]["FileInfo"][];
                        /** @description Absent on the last page. */
                        next_page_token?: string;
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    createRegisteredModel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    description?: string;
                    tags?: components["schemas"]["Tag"][];
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        registered_model: components["schemas"]["RegisteredModel"];
                    };
                };
            };
            400: components["responses"]["Refused"];
        };
    };
    getRegisteredModel: {
        parameters: {
            query: {
                name: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        registered_model: components["schemas"]["RegisteredModel"];
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    setRegisteredModelTag: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    key: string;
                    value: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    setAlias: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    alias: string;
                    version: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    createModelVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    source: string;
                    run_id?: string;
                    model_id?: string;
                    description?: string;
                    tags?: components["schemas"]["Tag"][];
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        model_version: components["schemas"]["ModelVersion"];
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    getModelVersion: {
        parameters: {
            query: {
                name: string;
                version: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        model_version: components["schemas"]["ModelVersion"];
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    searchModelVersions: {
        parameters: {
            query?: {
                filter?: string;
                max_results?: number;
                order_by?: string[];
                page_token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        model_versions?: components["schemas"]["ModelVersion"][];
                        /** @description Absent on the last page. */
                        next_page_token?: string;
                    };
                };
            };
            400: components["responses"]["Refused"];
        };
    };
    setModelVersionTag: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    version: string;
                    key: string;
                    value: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    deleteModelVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    version: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    createLoggedModel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    experiment_id: string;
                    name?: string;
                    model_type?: string;
                    source_run_id?: string;
                    tags?: components["schemas"]["Tag"][];
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        model: components["schemas"]["LoggedModel"];
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    searchLoggedModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    experiment_ids: string[];
                    filter?: string;
                    max_results?: number;
                    page_token?: string;
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        models?: components["schemas"]["LoggedModel"][];
                        /** @description Absent on the last page. */
                        next_page_token?: string;
                    };
                };
            };
            400: components["responses"]["Refused"];
        };
    };
    finalizeLoggedModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model_id: string;
                    /** @enum {string} */
                    status: "LOGGED_MODEL_READY";
                };
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        model: components["schemas"]["LoggedModel"];
                    };
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    listStoredFiles: {
        parameters: {
            query: {
                path: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        files?: components["schemas"]["FileInfo"][];
                    };
                };
            };
            400: components["responses"]["Refused"];
        };
    };
    getStoredFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["Refused"];
            404: components["responses"]["Refused"];
        };
    };
    putStoredFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                path: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
        };
    };
    deleteStoredFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Empty"];
                };
            };
            400: components["responses"]["Refused"];
        };
    };
}
