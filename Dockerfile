# Caser Explorer as an ordinary user over a read-only tree; what it writes goes to the one volume, /data.
#   docker build -t caser-explorer .                                 CPU
#   docker build -t caser-explorer --build-arg TORCH_BACKEND= .      CUDA, several GB: torch as the default index has it
#   docker run --read-only --tmpfs /tmp -p 8501:8501 -v caser:/data caser-explorer
FROM python:3.11-slim

# What uv calls torch's builds: cpu, cu130, ...; empty takes the default index's.
ARG TORCH_BACKEND=cpu
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir uv \
    && uv pip install --system --no-cache ${TORCH_BACKEND:+--torch-backend=$TORCH_BACKEND} -r requirements.txt
COPY app.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY caser caser
COPY checkpoints checkpoints
COPY docs/chapter.md docs/chapter.md
COPY hosting/start.sh hosting/start.sh
RUN python -m compileall -q app.py pages caser \
    && useradd --uid 1000 --no-create-home caser \
    && mkdir /data && chown caser /data

USER caser
ENV CASER_VOLUME=/data CASER_PUBLIC=1 PYTHONDONTWRITEBYTECODE=1 OMP_WAIT_POLICY=PASSIVE
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD python -c "import urllib.request as r; r.urlopen('http://localhost:8501/_stcore/health')"
CMD ["sh", "hosting/start.sh"]
