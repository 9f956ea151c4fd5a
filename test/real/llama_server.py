# Serves a GGUF file over HTTP with llama.cpp's own server, on a free port of 127.0.0.1.
# Arguments: the folder that holds xllamacpp, the model's path, and "embeddings" where it shall have those too. Prints one line with the URL.
# Ends when its standard input is closed, so it never outlives the process that started it.
import os
import sys

sys.path.insert(0, sys.argv[1])
import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[2]
params.model_alias = {"smollm2-135m"}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 8192
params.n_parallel = 2
params.n_gpu_layers = 0
params.warmup = False
params.endpoint_slots = True
params.endpoint_metrics = True
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1

if "embeddings" in sys.argv[3:]:
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN

server = xllamacpp.Server(params)
print(f"LISTENING {server.listening_address}", flush=True)
sys.stdin.buffer.read()
os._exit(0)
